package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/motcua/motcua/journal"
)

// Bounds of a bundle.
const (
	// MaxRecords is the most records of one bundle.
	MaxRecords = 4096
	// MaxBundle is the most bytes of one bundle.
	MaxBundle = 64 << 20

	maxLinks = 64
	maxPath  = 63 // a tree of 2^63 leaves
)

// bundleFormat names the JSON form below and, with it, the leaf and the record's hash.
const bundleFormat = "motcua-proof-1"

// bundle is the file that proves records. It shows of a private half only the digest.
type bundle struct {
	Format     string         `json:"format"`
	Checkpoint string         `json:"checkpoint"`
	Timestamp  []byte         `json:"timestamp,omitempty"`
	Links      []bundleLink   `json:"links,omitempty"`
	Records    []bundleRecord `json:"records"`
}

// bundleLink proves that the bundle's checkpoint continues an older one.
type bundleLink struct {
	Checkpoint string `json:"checkpoint"`
	Path       path   `json:"path"`
}

type bundleRecord struct {
	Index  int64  `json:"index"`
	Path   path   `json:"path"`
	Stream string `json:"stream"`
	Seq    int64  `json:"seq"`
	Part   int    `json:"part,omitempty"`
	Kind   string `json:"kind"`
	Actor  string `json:"actor"`
	At     string `json:"at"`
	// Body is the canonical JSON as text: exactly the bytes that were hashed.
	Body    string         `json:"body"`
	Subject string         `json:"subject,omitempty"`
	Private *journal.Hash  `json:"private,omitempty"`
	Command *bundleCommand `json:"command,omitempty"`
	Keys    []journal.Key  `json:"keys,omitzero"` // null and [] differ: unstated, and none
	Prev    journal.Hash   `json:"prev"`
}

type bundleCommand struct {
	Key string       `json:"key"`
	Sum journal.Hash `json:"sum"`
}

// path is a proof's hashes, one behind the other in base64: the whole proof stays well under two kilobytes.
type path []journal.Hash

func (p path) MarshalJSON() ([]byte, error) { return json.Marshal(bytes.Join(slicesOf(p), nil)) }

func (p *path) UnmarshalJSON(text []byte) error {
	var encoded string
	if err := json.Unmarshal(text, &encoded); err != nil {
		return err
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return err
	}
	if len(raw)%hashSize != 0 || len(raw) > 2*maxPath*hashSize {
		return errors.New("audit: path: want whole hashes")
	}
	*p = nil
	for ; len(raw) > 0; raw = raw[hashSize:] {
		*p = append(*p, journal.Hash(raw[:hashSize]))
	}
	return nil
}

// nothing is the digest of an absent private half.
func nothing() journal.Hash { return new(journal.Record).PrivateSum() }

func showRecord(index int64, p path, r *journal.Record) bundleRecord {
	b := bundleRecord{Index: index, Path: p, Stream: r.Stream.String(), Seq: r.Seq, Part: r.Part, Kind: r.Kind,
		Actor: r.Actor, At: r.At.UTC().Format(timeLayout), Body: string(r.Body), Subject: r.Subject, Keys: r.Keys,
		Prev: r.Prev}
	if sum := r.PrivateSum(); sum != nothing() {
		b.Private = &sum
	}
	if r.Command != (journal.Command{}) {
		b.Command = &bundleCommand{r.Command.Key, r.Command.Sum}
	}
	return b
}

// record rebuilds the record as far as it is shown, and its hash from that alone.
func (b *bundleRecord) record() (Record, error) {
	bad := func(why string) (Record, error) {
		return Record{}, &FindingError{Kind: ErrMalformed, Rule: "record", Index: b.Index, Err: errors.New(why)}
	}
	stream, err := journal.ParseStream(b.Stream)
	if err != nil {
		return bad("want a stream")
	}
	at, err := time.Parse(timeLayout, b.At)
	switch {
	case err != nil || at.Format(timeLayout) != b.At:
		return bad("want a time in UTC with microseconds")
	case b.Index < 0 || b.Seq < 1 || b.Part < 0:
		return bad("want an index, a sequence number and a part")
	case len(b.Body) > journal.MaxBody || len(b.Keys) > journal.MaxKeys:
		return bad("want a body and keys within the journal's bounds")
	case (b.Seq == 1) != (b.Prev == journal.Hash{}):
		return bad("want a previous hash behind the first record, and only there")
	}
	fact := journal.Fact{Kind: b.Kind, Actor: b.Actor, At: at, Body: []byte(b.Body), Subject: b.Subject, Keys: b.Keys}
	r := Record{Index: b.Index, PrivateSum: nothing(),
		Record: journal.Record{Stream: stream, Seq: b.Seq, Part: b.Part, Fact: fact, Prev: b.Prev}}
	if b.Private != nil {
		r.PrivateSum = *b.Private
	}
	if b.Command != nil {
		r.Command = journal.Command{Key: b.Command.Key, Sum: b.Command.Sum}
	}
	r.Hash = r.DigestWith(r.PrivateSum)
	return r, nil
}

// parseBundle reads the form and holds it to its bounds; nothing in it has been verified.
func parseBundle(raw []byte) (*bundle, error) {
	if len(raw) > MaxBundle {
		return nil, finding(ErrMalformed, "bounds", errors.New("want at most 64 MiB"))
	}
	b := new(bundle)
	if err := strictJSON(raw, b); err != nil {
		return nil, err
	}
	switch {
	case b.Format != bundleFormat:
		return nil, finding(ErrMalformed, "format", errors.New("want a bundle of a known format"))
	case len(b.Records) == 0 || len(b.Records) > MaxRecords || len(b.Links) > maxLinks:
		return nil, finding(ErrMalformed, "bounds", errors.New("want 1 to 4096 records and at most 64 links"))
	}
	for i := 1; i < len(b.Records); i++ {
		if b.Records[i].Index <= b.Records[i-1].Index {
			return nil, finding(ErrMalformed, "format", errors.New("want records in the order of the tree"))
		}
	}
	return b, nil
}

// encode writes one line of JSON. Text stays readable: no escapes for <, > and &.
func (b *bundle) encode() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b); err != nil {
		return nil, err
	}
	if out.Len() > MaxBundle {
		return nil, finding(ErrMalformed, "bounds", errors.New("want at most 64 MiB: choose fewer records"))
	}
	return out.Bytes(), nil
}
