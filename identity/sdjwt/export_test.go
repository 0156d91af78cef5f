package sdjwt

// HasText reports whether a reason has words of its own.
func HasText(reason string) bool {
	for _, m := range reasons {
		if m.code == reason {
			return true
		}
	}
	return false
}
