package identity

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NameMatch is how two names compare. Only [NameEqual] supports an identity.
type NameMatch int

// The outcomes.
const (
	// NameDifferent: not the same name; also when either is missing.
	NameDifferent NameMatch = iota
	// NameFolded: the same letters once diacritics, word order, word breaks and i/y are set aside, as in "NGUYEN TRONG
	// NGHIA". Good for finding somebody, never proof of who it is: Hòa, Hoa and Hóa are three people.
	NameFolded
	// NameEqual: the same name. Case, composed or decomposed letters, spaces, and where the tone mark is put (hoà, hòa)
	// are spelling.
	NameEqual
)

// String returns "different", "folded" or "equal".
func (m NameMatch) String() string {
	switch m {
	case NameEqual:
		return "equal"
	case NameFolded:
		return "folded"
	}
	return "different"
}

// Match compares two names of persons.
func (n Name) Match(other Name) NameMatch {
	switch {
	case n.IsZero() || other.IsZero():
		return NameDifferent
	case n == other:
		return NameEqual
	}
	a, b := words(n.Reveal()), words(other.Reveal())
	if slices.Equal(a, b) {
		return NameEqual
	}
	a, b = foldWords(a), foldWords(b)
	if strings.Join(a, "") == strings.Join(b, "") {
		return NameFolded
	}
	slices.Sort(a)
	slices.Sort(b)
	if slices.Equal(a, b) {
		return NameFolded
	}
	return NameDifferent
}

// Begins reports whether n, folded, begins with the name other, folded: other comes from a place that drops diacritics
// and cuts long names, as a machine-readable zone does.
func (n Name) Begins(other Name) bool {
	whole := strings.Join(foldWords(words(n.Reveal())), "")
	begin := strings.Join(foldWords(words(other.Reveal())), "")
	return begin != "" && strings.HasPrefix(whole, begin)
}

// words splits a name into syllables in lower case, each with its letters decomposed and its tone mark last. The
// Icelandic letter eth, which old code pages put in place of đ, is read as đ: their capitals look the same.
func words(name string) []string {
	name = strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); r {
		case 'ð', 'ɖ':
			return 'đ'
		case '’':
			return '\''
		}
		return r
	}, name)
	list := strings.Fields(norm.NFD.String(name))
	for i, word := range list {
		list[i] = toneLast(word)
	}
	return list
}

// The five tone marks: huyền, sắc, hỏi, ngã, nặng.
const toneMarks = "\u0300\u0301\u0309\u0303\u0323"

// toneLast moves the one tone mark of a syllable to its end. What has two groups of vowels or two marks is no
// Vietnamese syllable and stays as it is: a foreign name's accents sit where they sit.
func toneLast(word string) string {
	tone, vowels, groups, inGroup, onVowel := rune(0), 0, 0, false, false
	var rest strings.Builder
	for _, r := range word {
		switch {
		case strings.ContainsRune(toneMarks, r):
			if tone != 0 || !onVowel {
				return word
			}
			tone = r
			continue
		case strings.ContainsRune("aeiouy", r):
			if !inGroup {
				groups++
			}
			vowels++
			inGroup, onVowel = true, true
		case !unicode.IsMark(r):
			inGroup, onVowel = false, false
		}
		rest.WriteRune(r)
	}
	if tone == 0 || vowels == 0 || groups != 1 {
		return word
	}
	return rest.String() + string(tone)
}

// foldWords drops diacritics and reads đ as d, y for i behind consonants (Mỹ, Mĩ), hyphens as word breaks; full stops
// and apostrophes go.
func foldWords(list []string) []string {
	joined := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsMark(r), r == '.', r == '\'':
			return -1
		case r == 'đ':
			return 'd'
		case r == '-':
			return ' '
		}
		return r
	}, strings.Join(list, " "))
	folded := strings.Fields(joined)
	for i, word := range folded {
		if stem, ok := strings.CutSuffix(word, "y"); ok && stem != "" && !strings.ContainsAny(stem, "aeiouy") {
			folded[i] = stem + "i"
		}
	}
	return folded
}
