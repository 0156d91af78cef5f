package sdjwt

import (
	"crypto"
	_ "crypto/sha256" // linked for digests
	_ "crypto/sha512" // linked for digests
	"encoding/base64"
	"slices"

	"github.com/motcua/motcua/internal/jose"
)

// Members of the format, which no claim may be named like.
const (
	memberDigests = "_sd"
	memberElement = "..."
	memberHash    = "_sd_alg"
)

// registered claims control whether a credential is valid, so they are always shown (SD-JWT VC, Registered JWT Claims).
var registered = [...]string{"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"}

// hashNames are the digests a policy may let in (IANA "Named Information Hash Algorithm").
var hashNames = [...]string{"sha-256", "sha-384", "sha-512"}

const (
	maxNesting = 32   // of claims and disclosures in one another
	maxValues  = 8192 // objects and lists
)

func hashOf(payload map[string]any, allowed []string) (string, crypto.Hash, bool) {
	name, present := payload[memberHash]
	if !present {
		name = "sha-256" // RFC 9901 section 4.1.1
	}
	text, _ := name.(string)
	hash := map[string]crypto.Hash{"sha-256": crypto.SHA256, "sha-384": crypto.SHA384, "sha-512": crypto.SHA512}[text]
	return text, hash, hash != 0 && slices.Contains(allowed, text)
}

func digest(hash crypto.Hash, text string) string {
	h := hash.New()
	_, _ = h.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// disclosure is one of a presentation's.
type disclosure struct {
	list []any // salt, name, value; or salt, value of an element
	at   int   // its place among the disclosures
	used bool
}

// readDisclosure reads a disclosure (RFC 9901 sections 4.2.1 and 4.2.2).
func readDisclosure(text string) ([]any, bool) {
	raw, err := jose.Part(text)
	if err != nil {
		return nil, false
	}
	list, err := jose.List(raw)
	if err != nil || len(list) != 2 && len(list) != 3 {
		return nil, false
	}
	salt, isText := list[0].(string)
	return list, isText && salt != ""
}

// placed says where a disclosure belongs.
type placed struct {
	path Path
	at   int
}

// expander puts disclosures into the places of their digests (RFC 9901 section 7.1 step 3). It changes what it is given.
type expander struct {
	byDigest map[string]*disclosure
	seen     map[string]struct{} // digests met, decoys among them
	budget   int
	reason   string

	note     bool // keep where disclosures went
	path     Path
	placed   []placed
	claims   map[string]any
	hashName string
}

// run returns the reason why the disclosures do not fit; the payload is then not to be used.
func (x *expander) run(payload map[string]any, disclosures []string, hash crypto.Hash) string {
	x.byDigest = make(map[string]*disclosure, len(disclosures))
	x.seen = make(map[string]struct{}, len(disclosures)+8)
	x.budget = maxValues
	x.claims = payload
	for i, text := range disclosures {
		list, ok := readDisclosure(text)
		if !ok {
			return "disclosure-form"
		}
		sum := digest(hash, text)
		if _, twice := x.byDigest[sum]; twice {
			return "disclosure-twice"
		}
		x.byDigest[sum] = &disclosure{list: list, at: i}
	}
	delete(payload, memberHash)
	if !x.object(payload, 0) {
		return x.reason
	}
	for _, d := range x.byDigest {
		if !d.used {
			return "disclosure-unreferenced"
		}
	}
	return ""
}

func (x *expander) fail(reason string) bool {
	x.reason = reason
	return false
}

// value returns the value with what is disclosed inside it.
func (x *expander) value(value any, depth int) (any, bool) {
	switch value := value.(type) {
	case map[string]any:
		return value, x.object(value, depth)
	case []any:
		return x.array(value, depth)
	}
	return value, true
}

func (x *expander) spend(depth int) bool {
	x.budget--
	if depth > maxNesting || x.budget < 0 {
		return x.fail("nesting")
	}
	return true
}

func (x *expander) object(object map[string]any, depth int) bool {
	if !x.spend(depth) {
		return false
	}
	digests, hasDigests := object[memberDigests]
	delete(object, memberDigests)
	if _, reserved := object[memberElement]; reserved || object[memberHash] != nil {
		return x.fail("claim-reserved")
	}
	for name, value := range object {
		inside, ok := x.under(name, value, depth)
		if !ok {
			return false
		}
		if _, isList := value.([]any); isList {
			object[name] = inside
		}
	}
	if !hasDigests {
		return true
	}
	list, ok := digests.([]any)
	if !ok {
		return x.fail("digests-form")
	}
	for _, sum := range list {
		d, ok := x.take(sum)
		if !ok || d != nil && !x.insert(object, d, depth) {
			return false
		}
	}
	return true
}

// under is value for what stands at the next step of the path.
func (x *expander) under(step, value any, depth int) (any, bool) {
	if !x.note {
		return x.value(value, depth+1)
	}
	x.path = append(x.path, step)
	inside, ok := x.value(value, depth+1)
	x.path = x.path[:len(x.path)-1]
	return inside, ok
}

// take meets a digest and returns its disclosure, nil if that is withheld or the digest a decoy.
func (x *expander) take(sum any) (*disclosure, bool) {
	text, isText := sum.(string)
	if !isText {
		return nil, x.fail("digests-form")
	}
	if _, twice := x.seen[text]; twice {
		return nil, x.fail("digest-twice")
	}
	x.seen[text] = struct{}{}
	d := x.byDigest[text]
	if d != nil {
		d.used = true
	}
	return d, true
}

// insert puts a claim beside the digest it was found by.
func (x *expander) insert(object map[string]any, d *disclosure, depth int) bool {
	if len(d.list) != 3 {
		return x.fail("disclosure-kind")
	}
	name, isText := d.list[1].(string)
	switch {
	case !isText:
		return x.fail("disclosure-kind")
	case name == memberDigests, name == memberElement, name == memberHash:
		return x.fail("claim-reserved")
	case depth == 0 && slices.Contains(registered[:], name):
		return x.fail("claim-registered")
	}
	if _, there := object[name]; there {
		return x.fail("claim-twice")
	}
	x.remember(name, d)
	inside, ok := x.under(name, d.list[2], depth)
	object[name] = inside
	return ok
}

func (x *expander) array(list []any, depth int) ([]any, bool) {
	if !x.spend(depth) {
		return nil, false
	}
	out := list[:0]
	for _, element := range list {
		object, _ := element.(map[string]any)
		if sum, hidden := object[memberElement]; hidden && len(object) == 1 {
			d, ok := x.take(sum)
			switch {
			case !ok:
				return nil, false
			case d == nil:
				continue // withheld
			case len(d.list) != 2:
				return nil, x.fail("disclosure-kind")
			}
			x.remember(len(out), d)
			element = d.list[1]
		}
		inside, ok := x.under(len(out), element, depth)
		if !ok {
			return nil, false
		}
		out = append(out, inside)
	}
	return out, true
}

func (x *expander) remember(step any, d *disclosure) {
	if x.note {
		x.placed = append(x.placed, placed{append(slices.Clone(x.path), step), d.at})
	}
}
