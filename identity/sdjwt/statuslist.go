package sdjwt

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/jose"
	"github.com/motcua/motcua/qr/status"
)

// StatusDraft is a status list to be signed.
type StatusDraft struct {
	// URI is where the list is published, and its subject. Required.
	URI string
	// Table are the statuses; package qr/status/registry fills one. Required.
	Table *status.Table
	// IssuedAt is filled in if it is zero. Expires is required: from then on the list says nothing good any more.
	IssuedAt, Expires time.Time
	// TTL is how long a list may be used before it is fetched again. Zero says nothing about it.
	TTL time.Duration
}

// SignStatusList signs a status list in its JWT form (Token Status List section 5.1), to be served as
// application/statuslist+jwt. Errors: *Error, or the signer's own.
func (i *Issuer) SignStatusList(d StatusDraft) (string, error) {
	if d.IssuedAt.IsZero() {
		d.IssuedAt = i.cfg.Now()
	}
	switch {
	case !isStatusURI(d.URI):
		return "", refuse("statuslist", "uri")
	case d.Table == nil:
		return "", refuse("statuslist", "table")
	case !d.Expires.After(d.IssuedAt):
		return "", refuse("statuslist", "expires")
	case d.TTL < 0 || d.TTL > maxTTL:
		return "", refuse("statuslist", "ttl")
	}
	packed, err := d.Table.Deflate()
	if err != nil {
		return "", &Error{Field: "statuslist", Rule: "table", Err: err}
	}
	claims := map[string]any{
		"iss": i.name, "sub": d.URI, "iat": d.IssuedAt.Unix(), "exp": d.Expires.Unix(),
		"status_list": map[string]any{"bits": d.Table.Bits(), "lst": base64.RawURLEncoding.EncodeToString(packed)},
	}
	if d.TTL > 0 {
		claims["ttl"] = int64(d.TTL / time.Second)
	}
	raw, err := encodeJSON(claims)
	if err != nil {
		return "", &Error{Field: "statuslist", Rule: "table", Err: err}
	}
	header := map[string]any{"typ": statusTypeHeader, "kid": i.cfg.KeyID}
	if x5c, has := i.header["x5c"]; has {
		header["x5c"] = x5c
	}
	text, err := jose.Sign(i.signer, i.cfg.Alg, header, raw)
	if err == nil && len(text) > maxStatusToken {
		return "", refuse("statuslist", "size")
	}
	return text, err
}

const (
	maxTTL        = 366 * 24 * time.Hour
	maxStatusData = 16 << 20 // bytes of a list unpacked
)

// statusList is a verified list.
type statusList struct {
	data            []byte
	bits            uint64
	issued, expires time.Time
	ttl             time.Duration
	askAgain        time.Time
}

// usable reports whether the list answers without asking for a newer one.
func (l *statusList) usable(at time.Time) bool { return at.Before(l.askAgain) }

// stale reports whether the list has ended answering.
func (l *statusList) stale(at time.Time, maxAge time.Duration) bool {
	return !l.expires.IsZero() && !at.Before(l.expires) || at.Sub(l.issued) > maxAge
}

// at returns the value at a place; false beyond the end.
func (l *statusList) at(index uint64) (byte, bool) {
	if index >= uint64(len(l.data))*8/l.bits {
		return 0, false
	}
	bit := index * l.bits
	return l.data[bit>>3] >> (bit & 7) & (1<<l.bits - 1), true
}

// readStatusList verifies a list by its issuer's keys and unpacks it (Token Status List section 8.3). Nothing is unpacked
// before the signature holds.
func readStatusList(
	ctx context.Context, raw []byte, issuer *TrustedIssuer, uri string, at time.Time,
) (*statusList, string) {
	token, err := statusGate(issuer.Algs).Open(string(bytes.TrimSpace(raw)))
	if err != nil {
		return nil, "status-list-form"
	}
	if issuer.verify(ctx, token, at) != "" {
		return nil, "status-list-signature"
	}
	claims, err := jose.Object(token.Payload)
	if err != nil {
		return nil, "status-list-form"
	}
	list := &statusList{}
	_, dated := claims["iat"]
	name, named := claims["iss"]
	switch {
	case claims["sub"] != any(uri), named && name != any(issuer.Name):
		return nil, "status-list-other"
	case !dated || !readTime(claims, "iat", &list.issued) || list.issued.After(at.Add(5*time.Minute)),
		!readTime(claims, "exp", &list.expires), !readTTL(claims, &list.ttl):
		return nil, "status-list-form"
	}
	table, _ := claims["status_list"].(map[string]any)
	if list.data, list.bits, err = unpack(table); err != nil {
		return nil, "status-list-form"
	}
	return list, ""
}

func readTTL(claims map[string]any, into *time.Duration) bool {
	value, stated := claims["ttl"]
	number, isNumber := value.(interface{ Int64() (int64, error) })
	if !stated {
		return true
	}
	if !isNumber {
		return false
	}
	seconds, err := number.Int64()
	*into = time.Duration(seconds) * time.Second
	return err == nil && seconds > 0 && seconds <= int64(maxTTL/time.Second)
}

var errTable = errors.New("sdjwt: status list: not a table")

// unpack inflates a table into at most 16 MiB.
func unpack(table map[string]any) (data []byte, bits uint64, err error) {
	number, _ := table["bits"].(interface{ Int64() (int64, error) })
	text, _ := table["lst"].(string)
	if number == nil {
		return nil, 0, errTable
	}
	width, err := number.Int64()
	if err != nil || !slices.Contains([]int64{1, 2, 4, 8}, width) {
		return nil, 0, errTable
	}
	packed, err := jose.Part(text)
	if err != nil {
		return nil, 0, errTable
	}
	rest := bytes.NewReader(packed)
	z, err := zlib.NewReader(rest)
	if err != nil {
		return nil, 0, errTable
	}
	data, err = io.ReadAll(io.LimitReader(z, maxStatusData+1))
	if err != nil || len(data) == 0 || len(data) > maxStatusData || rest.Len() != 0 {
		return nil, 0, errTable
	}
	return data, uint64(width), nil
}
