package file

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// CleanName makes the name a browser sent fit to be shown: the last part of the path, in NFC, without control and
// direction characters, at most 120 letters with its extension kept. It is never a path. An empty result means there was
// no usable name.
func CleanName(name string) string {
	if len(name) > 4096 {
		name = name[:4096]
	}
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, norm.NFC.String(name))
	name = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(name), "."))
	letters := []rune(name)
	if len(letters) <= 120 {
		return name
	}
	ext := ""
	if at := strings.LastIndexByte(name, '.'); at >= 0 && len(name)-at <= 8 {
		ext = name[at:]
	}
	return string(letters[:120-len([]rune(ext))]) + ext
}
