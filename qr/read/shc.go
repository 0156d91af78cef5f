package read

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"
	"time"
)

// parseSHC reads the digits of a SMART Health Card: pairs of digits are characters from 45 on, and the characters a JWS
// in compact form, its payload compressed.
func parseSHC(digits string) (*Document, error) {
	if strings.Contains(digits, "/") {
		return nil, broken("shc", "a card in one code; cards in several are withdrawn", nil)
	}
	if len(digits)%2 != 0 || digits == "" {
		return nil, broken("shc", "pairs of digits", nil)
	}
	jws := make([]byte, 0, len(digits)/2)
	for i := 0; i < len(digits); i += 2 {
		hi, lo := digits[i]-'0', digits[i+1]-'0'
		if hi > 9 || lo > 9 || int(hi)*10+int(lo) > 77 {
			return nil, broken("shc", "pairs of digits from 00 to 77", nil)
		}
		jws = append(jws, hi*10+lo+45)
	}
	return parseJWS(string(jws))
}

func parseJWS(jws string) (*Document, error) {
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		return nil, broken("jws", "three parts", nil)
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return nil, broken("jws", "base64url", err)
		}
	}
	var header struct {
		Alg string `json:"alg"`
		Zip string `json:"zip"`
		Kid string `json:"kid"`
	}
	if err := json.Unmarshal(raw[0], &header); err != nil {
		return nil, broken("jws.header", "a JSON object", err)
	}
	if header.Alg != "ES256" || header.Zip != "DEF" {
		return nil, broken("jws.header", "alg ES256 and zip DEF", nil)
	}
	payload, err := inflateRaw(raw[1])
	if err != nil {
		return nil, err
	}
	d := &Document{Scheme: SHC, algorithm: "ES256", KeyID: []byte(header.Kid), message: []byte(parts[0] + "." + parts[1]), signature: raw[2]}
	return d, d.takeCard(payload)
}

func (d *Document) takeCard(payload []byte) error {
	var card struct {
		Issuer    string          `json:"iss"`
		NotBefore float64         `json:"nbf"`
		Expires   float64         `json:"exp"`
		Contents  json.RawMessage `json:"vc"`
	}
	if err := json.Unmarshal(payload, &card); err != nil {
		return broken("jws.payload", "a JSON object", err)
	}
	if len(card.Contents) == 0 || card.Contents[0] != '{' {
		return broken("jws.payload", "a member vc", nil)
	}
	d.Issuer, d.contents = card.Issuer, card.Contents
	for _, t := range []struct {
		seconds float64
		into    *time.Time
	}{{card.NotBefore, &d.NotBefore}, {card.Expires, &d.Expires}} {
		if math.Abs(t.seconds) > 1<<40 {
			return broken("jws.payload", "times in seconds", nil)
		}
		if t.seconds != 0 {
			*t.into = time.Unix(int64(t.seconds), 0).UTC()
		}
	}
	d.IssuedAt = d.NotBefore
	return nil
}
