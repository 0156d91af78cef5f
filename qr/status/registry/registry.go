package registry

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/motcua/motcua/internal/canon"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status"
)

// List is the status list that a registry keeps.
type List struct {
	// Number is the list's number among the agency's lists.
	Number uint64
	// Size is the number of places, 1,024 to 2^24; seven eighths of them can be issued.
	Size uint64
	// URI is where the list will be published, the same as in the trust list.
	URI string
}

// Config holds what a [Registry] may be told. The zero value is ready.
type Config struct {
	// Now is the clock; nil means time.Now. It should be the issuer's.
	Now func() time.Time
	// Rand draws places and decoys; nil means crypto/rand.
	Rand io.Reader
	// Limits are the rates that raise an alarm.
	Limits []Limit
	// Alarm is told of each limit that was passed, after it has been written down; nil tells nobody.
	Alarm func(Alarm)
	// Decoys is how many unissued places are revoked with each revocation on average, at most 100; 0 means 3, negative
	// means none.
	Decoys int
	// Signer signs the status lists; nil means the issuer of the codes. A key of its own can be kept apart from the
	// desk where codes are issued.
	Signer *qr.Issuer
	// Life is how long a status list answers, 0 means a week. TTL is how long an updater may wait, 0 means an hour.
	Life, TTL time.Duration
}

// Registry is the book of one list. It is safe for concurrent use.
type Registry struct {
	store  Store
	issuer *qr.Issuer
	list   List
	stream string
	cfg    Config

	mu    sync.Mutex
	head  int64
	taken []uint64 // one bit a place: issued or decoy
	used  uint64
	ids   map[qr.ID]uint32
	table *status.Table
	rates map[rateKey]*rate
}

const (
	minSize  = 1 << 10
	maxSize  = 1 << 24
	maxBatch = 50 // codes in one append
	maxTries = 8  // against other processes
)

// Open reads the book of a list, or begins it. The actor of the first line is "system". Errors: *InvalidError;
// *BrokenError; the store's own.
func Open(ctx context.Context, store Store, issuer *qr.Issuer, list List, cfg Config) (*Registry, error) {
	switch {
	case store == nil || issuer == nil:
		return nil, &InvalidError{Field: "store", Rule: "a store and an issuer"}
	case list.Size < minSize || list.Size > maxSize:
		return nil, &InvalidError{Field: "list.size", Rule: "1,024 to 2^24"}
	case !isHTTPS(list.URI):
		return nil, &InvalidError{Field: "list.uri", Rule: "an https address of at most 200 bytes"}
	case !isName(issuer.Agency(), 100):
		return nil, &InvalidError{Field: "agency", Rule: "letters, digits, dots and hyphens"}
	case cfg.Decoys > 100:
		return nil, &InvalidError{Field: "decoys", Rule: "at most 100"}
	}
	if err := checkLimits(cfg.Limits); err != nil {
		return nil, err
	}
	table, err := status.New(list.Size, 2)
	if err != nil {
		return nil, &InvalidError{Field: "list.size", Rule: "a size of a status list"}
	}
	r := &Registry{
		store: store, issuer: issuer, list: list, cfg: cfg.withDefaults(issuer), table: table,
		stream: "qrlist/" + issuer.Agency() + ":" + strconv.FormatUint(list.Number, 10),
		taken:  make([]uint64, (list.Size+63)/64), ids: make(map[qr.ID]uint32), rates: make(map[rateKey]*rate),
	}
	return r, r.begin(ctx)
}

func (c Config) withDefaults(issuer *qr.Issuer) Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Signer == nil {
		c.Signer = issuer
	}
	if c.Decoys == 0 {
		c.Decoys = 3
	}
	if c.Life <= 0 {
		c.Life = 7 * 24 * time.Hour
	}
	if c.TTL <= 0 {
		c.TTL = time.Hour
	}
	return c
}

// begin reads what is there and writes the first line if nothing is.
func (r *Registry) begin(ctx context.Context) error {
	for range maxTries {
		if err := r.sync(ctx); err != nil || r.head > 0 {
			return err
		}
		opened, err := r.fact(factOpened, "system", openedBody{r.issuer.Agency(), r.list.Number, r.list.Size, r.list.URI})
		if err != nil {
			return err
		}
		if err := r.store.Append(ctx, r.stream, 0, opened); err != nil && !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return ErrConflict
}

func (r *Registry) fact(kind, actor string, body any) (Fact, error) {
	data, err := canon.Marshal(body)
	if err != nil {
		return Fact{}, err
	}
	return Fact{Kind: kind, Actor: actor, At: r.cfg.Now(), Body: data}, nil
}

// sync reads what other processes have written. The caller holds the lock, or is alone.
func (r *Registry) sync(ctx context.Context) error {
	facts, err := r.store.Read(ctx, r.stream, r.head)
	if err != nil {
		return err
	}
	for _, f := range facts {
		if f.Seq != r.head+1 {
			return &BrokenError{Stream: r.stream, Seq: f.Seq, Rule: "the next sequence number"}
		}
		if rule := r.apply(f); rule != "" {
			return &BrokenError{Stream: r.stream, Seq: f.Seq, Rule: rule}
		}
		r.head = f.Seq
	}
	return nil
}

// commit writes the facts behind the head and takes them in.
func (r *Registry) commit(ctx context.Context, facts ...Fact) error {
	if err := r.store.Append(ctx, r.stream, r.head, facts...); err != nil {
		return err
	}
	return r.sync(ctx)
}

// Place says where a code stands in the list.
type Place struct {
	Index  uint64
	Status status.Value
}

// Lookup returns the place of a code, and false if it is in no record: a code that verifies and has no place was signed
// behind the registry's back.
func (r *Registry) Lookup(ctx context.Context, id qr.ID) (Place, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.sync(ctx); err != nil {
		return Place{}, false, err
	}
	index, ok := r.ids[id]
	if !ok {
		return Place{}, false, nil
	}
	value, _ := r.table.At(uint64(index))
	return Place{Index: uint64(index), Status: value}, true, nil
}

// StatusList signs the list as it stands.
func (r *Registry) StatusList(ctx context.Context) ([]byte, error) {
	r.mu.Lock()
	err := r.sync(ctx)
	table := r.table.Clone()
	r.mu.Unlock()
	if err != nil {
		return nil, err
	}
	now := r.cfg.Now()
	return r.cfg.Signer.SignStatusList(qr.StatusDraft{List: r.list.Number, URI: r.list.URI, IssuedAt: now,
		Expires: now.Add(r.cfg.Life), TTL: r.cfg.TTL, Table: table})
}

func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= 200 && u.Scheme == "https" && u.Host != "" && u.User == nil && u.Fragment == ""
}

// isName accepts what may stand in the name of a stream.
func isName(s string, most int) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '.' && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= most
}

// below draws a number from 0 to n-1, each as likely.
func (r *Registry) below(n uint64) (uint64, error) {
	var b [8]byte
	for {
		if _, err := io.ReadFull(r.cfg.Rand, b[:]); err != nil {
			return 0, err
		}
		if v := binary.BigEndian.Uint64(b[:]); v <= ^uint64(0)-(-n%n) {
			return v % n, nil
		}
	}
}

// draw takes a free place at random, for the time until its act is written or given up: the caller releases it.
func (r *Registry) draw() (uint64, error) {
	if r.used >= r.list.Size/8*7 {
		return 0, ErrFull
	}
	for {
		index, err := r.below(r.list.Size)
		if err != nil {
			return 0, err
		}
		if r.take(index) {
			return index, nil
		}
	}
}

// take marks a place and reports whether it was free.
func (r *Registry) take(index uint64) bool {
	word, bit := index/64, uint64(1)<<(index%64)
	if r.taken[word]&bit != 0 {
		return false
	}
	r.taken[word] |= bit
	r.used++
	return true
}

// release frees places that were drawn; the record of the act takes them for good.
func (r *Registry) release(places []uint64) {
	for _, index := range places {
		r.taken[index/64] &^= 1 << (index % 64)
		r.used--
	}
}
