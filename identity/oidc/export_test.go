package oidc

// DecodeObject lets the external tests compare the strict reader with encoding/json.
func DecodeObject(raw []byte) (map[string]any, error) { return decodeObject(raw) }
