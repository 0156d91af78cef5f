package office

// failure is an error of the application for people: a code of words.json.
type failure string

func (f failure) Error() string { return "office: " + string(f) }

// Code returns the stable key.
func (f failure) Code() string { return string(f) }
