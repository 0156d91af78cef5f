package qr

import (
	"time"

	"github.com/motcua/motcua/internal/detcbor"
)

// maxSources bounds the status lists that a trust list names.
const maxSources = 20_000

// indexStatus checks the sources and makes them ready.
func (l *TrustList) indexStatus() error {
	if len(l.draft.Status) > maxSources {
		return &InvalidError{Field: "trustlist.status", Rule: "at most 20,000 sources"}
	}
	l.status = make(map[statusKey]StatusSource, len(l.draft.Status))
	for _, s := range l.draft.Status {
		key := statusKey{s.Issuer, s.List}
		_, twice := l.status[key]
		switch {
		case s.Issuer == "" || !isPlain(s.Issuer):
			return &InvalidError{Field: "trustlist.status.issuer", Rule: "an agency code of 1 to 200 bytes"}
		case !isSource(s.URI):
			return &InvalidError{Field: "trustlist.status.uri", Rule: "an https address of at most 200 bytes"}
		case s.MaxAge < time.Minute || s.MaxAge > maxTTL || s.MaxAge%time.Second != 0:
			return &InvalidError{Field: "trustlist.status.maxAge", Rule: "a minute to 366 days in whole seconds"}
		case twice:
			return &InvalidError{Field: "trustlist.status", Rule: "one source for a list"}
		}
		l.status[key] = s
	}
	return nil
}

func (d *TrustListDraft) appendStatus(b []byte) []byte {
	if len(d.Status) == 0 {
		return b
	}
	b = detcbor.AppendArray(detcbor.AppendInt(b, claimListStatus), len(d.Status))
	for _, s := range d.Status {
		b = detcbor.AppendMap(b, 4)
		b = detcbor.AppendText(detcbor.AppendInt(b, sourceIssuer), s.Issuer)
		b = detcbor.AppendUint(detcbor.AppendInt(b, sourceList), s.List)
		b = detcbor.AppendText(detcbor.AppendInt(b, sourceURI), s.URI)
		b = detcbor.AppendUint(detcbor.AppendInt(b, sourceMaxAge), uint64(s.MaxAge/time.Second))
	}
	return b
}

func readSources(r *detcbor.Reader) []StatusSource {
	n := r.Array(maxSources)
	if n == 0 {
		r.Fail("at least one source")
	}
	var sources []StatusSource
	for range n {
		var s StatusSource
		m := r.Map(4)
		if m.Len() != 4 {
			r.Fail("four fields")
		}
		for label, ok := m.Next(); ok; label, ok = m.Next() {
			switch label {
			case sourceIssuer:
				s.Issuer = r.Text()
			case sourceList:
				s.List = r.Uint()
			case sourceURI:
				s.URI = r.Text()
			case sourceMaxAge:
				s.MaxAge = readSpan(r)
			default:
				r.Fail("a known field")
			}
		}
		if r.Err() != nil {
			return nil
		}
		sources = append(sources, s)
	}
	return sources
}
