package postgres

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/journal"
)

// plan is a group of appends inside one transaction: look takes the pen and asks what the decisions need, decide gives
// each append its verdict, write puts down what was decided. Look and write are one round trip each.
type plan struct {
	sql       *statements
	journalID string
	group     []*request

	position int64 // the last one given
	heads    map[string]*headRow
	commands map[commandKey]obeyed
	records  []*journal.Record // to be written
}

// headRow is where a stream stands, with what the group adds to it.
type headRow struct {
	journal.Head
	position int64
	keys     []journal.Key
	text     *string // keys as stored
	stored   []journal.Key
	moved    bool
	err      error
}

type commandKey struct{ stream, key string }

type obeyed struct {
	seq int64
	sum journal.Hash
}

type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

var errOtherJournal = errors.New("the database holds another journal than the one that was opened")

func newPlan(sql *statements, journalID string, group []*request) *plan {
	return &plan{
		sql: sql, journalID: journalID, group: group,
		heads: make(map[string]*headRow), commands: make(map[commandKey]obeyed),
	}
}

// look sends what opens the transaction, takes the pen, and asks behind it, where nothing moves any more.
func (p *plan) look(ctx context.Context, db sender, opening *pgx.Batch) (err error) {
	before := opening.Len()
	opening.Queue(p.sql.pen)
	streams, withCommand, keys := p.questions()
	opening.Queue(p.sql.heads, streams)
	if len(keys) > 0 {
		opening.Queue(p.sql.commands, withCommand, keys)
	}
	results := db.SendBatch(ctx, opening)
	defer func() { err = cmp.Or(err, results.Close()) }()
	for range before {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	var id, isolation string
	if err := results.QueryRow().Scan(&id, &isolation); err != nil {
		return err
	}
	switch {
	case isolation != "read committed":
		return ErrIsolation
	case id != p.journalID:
		return &journal.BrokenError{Rule: "journal id", Err: errOtherJournal}
	}
	if err := p.scanHeads(results); err != nil {
		return err
	}
	if len(keys) > 0 {
		return p.scanCommands(results)
	}
	return nil
}

// questions lists each stream once, and the commands that a database can be asked for: others are refused anyway.
func (p *plan) questions() (streams, withCommand, keys []string) {
	seen := make(map[string]bool, len(p.group))
	for _, r := range p.group {
		name, key := r.stream.String(), r.command().Key
		if !seen[name] {
			seen[name] = true
			streams = append(streams, name)
		}
		if key != "" && len(key) <= journal.MaxText && utf8.ValidString(key) && strings.IndexByte(key, 0) < 0 {
			withCommand, keys = append(withCommand, name), append(keys, key)
		}
	}
	return streams, withCommand, keys
}

func (p *plan) scanHeads(results pgx.BatchResults) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name *string
		var seq *int64
		var hash []byte
		h := &headRow{}
		if err := rows.Scan(&p.position, &name, &seq, &hash, &h.text); err != nil {
			return err
		}
		if name == nil || seq == nil {
			continue // none of the streams is there yet
		}
		h.Seq = *seq
		if h.text != nil {
			h.stored, err = parseKeys(*h.text)
		}
		if err != nil || !fill(&h.Hash, hash) || h.Seq < 1 {
			h.err = &journal.BrokenError{Stream: *name, Seq: h.Seq, Rule: "head", Err: err}
		}
		h.keys = h.stored
		p.heads[*name] = h
	}
	return rows.Err()
}

func (p *plan) scanCommands(results pgx.BatchResults) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key commandKey
		var done obeyed
		var sum []byte
		if err := rows.Scan(&key.stream, &key.key, &done.seq, &sum); err != nil {
			return err
		}
		copy(done.sum[:], sum)
		p.commands[key] = done
	}
	return rows.Err()
}

// decide gives every append of the group its verdict, in the order in which they came.
func (p *plan) decide() {
	for _, r := range p.group {
		r.records, r.obeyed, r.err = nil, 0, r.ctx.Err()
		if r.err == nil {
			r.err = p.decideOne(r)
		}
	}
}

func (p *plan) decideOne(r *request) error {
	name, command := r.stream.String(), r.command()
	if command.Key != "" {
		if done, ok := p.commands[commandKey{name, command.Key}]; ok {
			if done.sum != command.Sum {
				return journal.ErrCommandReused
			}
			r.obeyed = done.seq
			return nil
		}
	}
	head := p.heads[name]
	if head == nil {
		head = &headRow{}
	}
	if head.err != nil {
		return head.err
	}
	records, err := journal.Link(r.stream, head.Head, r.facts)
	if err != nil {
		return err
	}
	if r.after != head.Seq {
		return &journal.ConflictError{Stream: r.stream, After: r.after, Head: head.Seq}
	}
	p.heads[name] = head
	r.records = records
	for i := range records {
		p.position++
		records[i].Position = p.position
		p.records = append(p.records, &records[i])
	}
	head.follow(records)
	if command.Key != "" {
		p.commands[commandKey{name, command.Key}] = obeyed{records[0].Seq, command.Sum}
	}
	return nil
}

func (h *headRow) follow(records []journal.Record) {
	last := &records[len(records)-1]
	h.Head, h.position, h.moved = journal.Head{Seq: last.Seq, Hash: last.Hash}, last.Position, true
	for i := range records {
		if keys := records[i].Keys; keys != nil {
			h.keys, h.text = keys, keysText(keys)
		}
	}
}

// write puts down what was decided and ends with the closing statement: COMMIT, or the release of a savepoint.
func (p *plan) write(ctx context.Context, db sender, closing string) (err error) {
	var b pgx.Batch
	p.queueFacts(&b)
	p.queueHeads(&b)
	b.Queue(closing)
	results := db.SendBatch(ctx, &b)
	defer func() { err = cmp.Or(err, results.Close()) }()
	for i := range b.Len() {
		tag, err := results.Exec()
		if err != nil {
			return err
		}
		if i == b.Len()-1 && closing == p.sql.commit && tag.String() != closing {
			return errNotCommitted
		}
	}
	return nil
}

var errNotCommitted = errors.New("the server rolled back instead of committing")

// fewFacts are written one by one: taking fifteen arrays apart pays from a handful on.
const fewFacts = 4

func (p *plan) queueFacts(b *pgx.Batch) {
	n := len(p.records)
	if n <= fewFacts {
		for _, r := range p.records {
			p.queueFact(b, r)
		}
		return
	}
	var (
		positions, seqs               = make([]int64, n), make([]int64, n)
		parts                         = make([]int32, n)
		streams, kinds, actors        = make([]string, n), make([]string, n), make([]string, n)
		bodies                        = make([]string, n)
		subjects, commands, keys      = make([]*string, n), make([]*string, n), make([]*string, n)
		privates, sums, prevs, hashes = make([][]byte, n), make([][]byte, n), make([][]byte, n), make([][]byte, n)
		times                         = make([]time.Time, n)
	)
	for i, r := range p.records {
		positions[i], streams[i], seqs[i], parts[i] = r.Position, r.Stream.String(), r.Seq, int32(r.Part)
		kinds[i], actors[i], times[i], bodies[i] = r.Kind, r.Actor, r.At, string(r.Body)
		privates[i], keys[i], prevs[i], hashes[i] = r.Private, keysText(r.Keys), r.Prev[:], r.Hash[:]
		if r.Subject != "" {
			subjects[i] = &r.Subject
		}
		if r.Command.Key != "" {
			commands[i], sums[i] = &r.Command.Key, r.Command.Sum[:]
		}
	}
	b.Queue(p.sql.insertFacts, positions, streams, seqs, parts, kinds, actors, times, bodies, privates, subjects,
		commands, sums, keys, prevs, hashes)
}

func (p *plan) queueFact(b *pgx.Batch, r *journal.Record) {
	var subject, command *string
	var sum []byte
	if r.Subject != "" {
		subject = &r.Subject
	}
	if r.Command.Key != "" {
		command, sum = &r.Command.Key, r.Command.Sum[:]
	}
	b.Queue(p.sql.insertFact, r.Position, r.Stream.String(), r.Seq, int32(r.Part), r.Kind, r.Actor, r.At, string(r.Body),
		r.Private, subject, command, sum, keysText(r.Keys), r.Prev[:], r.Hash[:])
}

// queueHeads moves the heads, and of the keys only those that differ from what was there before the group.
func (p *plan) queueHeads(b *pgx.Batch) {
	var gone, added keyColumns
	var streams []string
	var seqs, positions []int64
	var hashes [][]byte
	var texts []*string
	for name, head := range p.heads {
		if !head.moved {
			continue
		}
		streams, seqs, positions = append(streams, name), append(seqs, head.Seq), append(positions, head.position)
		hashes, texts = append(hashes, head.Hash[:]), append(texts, head.text)
		gone.add(name, head.stored, head.keys)
		added.add(name, head.keys, head.stored)
	}
	b.Queue(p.sql.putHeads, streams, seqs, positions, hashes, texts)
	if len(gone.names) > 0 {
		b.Queue(p.sql.deleteKeys, gone.names, gone.values, gone.sorts, gone.streams)
	}
	if len(added.names) > 0 {
		b.Queue(p.sql.insertKeys, added.names, added.values, added.sorts, added.streams)
	}
}

type keyColumns struct {
	names, values, streams []string
	sorts                  []int64
}

func (c *keyColumns) add(stream string, keys, except []journal.Key) {
	for _, key := range keys {
		if !slices.Contains(except, key) {
			c.names, c.values = append(c.names, key.Name), append(c.values, key.Value)
			c.sorts, c.streams = append(c.sorts, key.Sort), append(c.streams, stream)
		}
	}
}
