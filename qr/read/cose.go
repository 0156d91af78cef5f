package read

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Labels of COSE headers (RFC 9052) and of claims (RFC 8392, HCERT, Claim 169).
const (
	labelAlgorithm = 1
	labelKeyID     = 4
	tagSign1       = 18
	tagCWT         = 61
	claimIssuer    = 1
	claimExpires   = 4
	claimNotBefore = 5
	claimIssuedAt  = 6
	claimHCERT     = -260
	claim169       = 169
)

// foreign reads CBOR that others have written: any length form, but no bignums, no doubled keys and no depth.
func foreign() (cbor.DecMode, error) {
	return cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 16, MaxArrayElements: 4096, MaxMapPairs: 4096,
		BignumTag: cbor.BignumTagForbidden, UTF8: cbor.UTF8RejectInvalid}.DecMode()
}

// sign1 is COSE_Sign1 (RFC 9052 section 4.2).
type sign1 struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected map[any]any
	Payload     []byte
	Signature   []byte
}

func parseCOSE(scheme Scheme, raw []byte) (*Document, error) {
	mode, err := foreign()
	if err != nil {
		return nil, err
	}
	for range 2 { // CWT may be tagged 61 around 18
		var tag cbor.RawTag
		if mode.Unmarshal(raw, &tag) == nil && (tag.Number == tagSign1 || tag.Number == tagCWT) {
			raw = tag.Content
		}
	}
	var m sign1
	if err := mode.Unmarshal(raw, &m); err != nil {
		return nil, broken("cose", "COSE_Sign1", err)
	}
	var protected map[any]any
	if len(m.Protected) > 0 {
		if err := mode.Unmarshal(m.Protected, &protected); err != nil {
			return nil, broken("cose.protected", "a map", err)
		}
	}
	d := &Document{Scheme: scheme, signature: m.Signature}
	if d.algorithm, err = algorithmOf(protected); err != nil {
		return nil, err
	}
	d.KeyID, _ = headerOf(protected, labelKeyID).([]byte)
	if d.KeyID == nil {
		d.KeyID, _ = headerOf(m.Unprotected, labelKeyID).([]byte)
	}
	if d.message, err = cbor.Marshal([]any{"Signature1", m.Protected, []byte{}, m.Payload}); err != nil {
		return nil, broken("cose", "COSE_Sign1", err)
	}
	var claims map[any]any
	if err := mode.Unmarshal(m.Payload, &claims); err != nil {
		return nil, broken("cwt", "a map of claims", err)
	}
	return d, d.takeClaims(claims)
}

// algorithmOf takes the algorithm from the protected header only: from an unprotected one, anybody could choose it.
func algorithmOf(protected map[any]any) (string, error) {
	switch alg := headerOf(protected, labelAlgorithm).(type) {
	case int64:
		switch alg {
		case -7:
			return "ES256", nil
		case -8:
			return "EdDSA", nil
		case -37:
			return "PS256", nil
		}
	}
	return "", broken("cose.alg", "ES256, PS256 or EdDSA in the protected header", nil)
}

// headerOf looks an integer label up.
func headerOf(m map[any]any, label int64) any {
	for _, key := range []any{label, uint64(label)} {
		if v, ok := m[key]; ok {
			if u, ok := v.(uint64); ok && u <= math.MaxInt64 {
				return int64(u)
			}
			return v
		}
	}
	return nil
}

func (d *Document) takeClaims(claims map[any]any) error {
	d.Issuer, _ = headerOf(claims, claimIssuer).(string)
	for label, into := range map[int64]*time.Time{claimExpires: &d.Expires, claimNotBefore: &d.NotBefore, claimIssuedAt: &d.IssuedAt} {
		switch v := headerOf(claims, label).(type) {
		case nil:
		case int64:
			*into = time.Unix(v, 0).UTC()
		case float64: // HCERT writes whole seconds as floats here and there
			if v != math.Trunc(v) || math.Abs(v) > 1<<40 {
				return broken("cwt", "times in whole seconds", nil)
			}
			*into = time.Unix(int64(v), 0).UTC()
		default:
			return broken("cwt", "times in whole seconds", nil)
		}
	}
	label := int64(claim169)
	if d.Scheme == HCERT {
		label = claimHCERT
	}
	contents := headerOf(claims, label)
	if contents == nil {
		return broken("cwt", fmt.Sprintf("claim %d", label), nil)
	}
	var err error
	d.contents, err = plain(contents)
	return err
}

// plain turns CBOR values into such as JSON can write: keys become text, bytes hexadecimal.
func plain(v any) (any, error) {
	switch v := v.(type) {
	case map[any]any:
		m := make(map[string]any, len(v))
		for key, value := range v {
			p, err := plain(value)
			if err != nil {
				return nil, err
			}
			name := fmt.Sprint(key)
			if _, twice := m[name]; twice {
				return nil, broken("cwt", "each key once", nil)
			}
			m[name] = p
		}
		return m, nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			p, err := plain(v[i])
			if err != nil {
				return nil, err
			}
			list[i] = p
		}
		return list, nil
	case []byte:
		return hex.EncodeToString(v), nil
	case cbor.Tag:
		return plain(v.Content)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, broken("cwt", "finite numbers", nil)
		}
		return v, nil
	case string, bool, nil, int64, uint64, time.Time:
		return v, nil
	}
	return nil, broken("cwt", "values JSON can write", errors.New("unknown kind of value"))
}
