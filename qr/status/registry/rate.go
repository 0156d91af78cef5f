package registry

import (
	"time"

	"github.com/motcua/motcua/qr"
)

// Limit is a rate of issuing that is more than a desk does.
type Limit struct {
	// Name names the limit in the book and to the alarm: letters, digits, dots and hyphens.
	Name string
	// Kind is the kind of code that counts; 0 counts all.
	Kind qr.Kind
	// PerActor counts each actor for himself, otherwise all together.
	PerActor bool
	// Most is how many codes are usual Within a time: 1 to 100,000, a second to 31 days.
	Most   int
	Within time.Duration
	// Refuse stops issuing above it; otherwise it only raises the alarm.
	Refuse bool
}

// Alarm tells that a limit was passed. One limit, and with PerActor one actor, is told of once within its time.
type Alarm struct {
	Limit   Limit
	Actor   string
	At      time.Time
	Count   int // within the limit's time, the codes just asked for included
	Refused bool
}

func checkLimits(limits []Limit) error {
	if len(limits) > maxLimits {
		return &InvalidError{Field: "limits", Rule: "at most 12"}
	}
	seen := make(map[string]bool, len(limits))
	for _, l := range limits {
		switch {
		case !isName(l.Name, 64) || seen[l.Name]:
			return &InvalidError{Field: "limits.name", Rule: "a name of its own of 1 to 64 letters, digits, dots and hyphens"}
		case l.Most < 1 || l.Most > 100_000:
			return &InvalidError{Field: "limits.most", Rule: "1 to 100,000 codes"}
		case l.Within < time.Second || l.Within > 31*24*time.Hour:
			return &InvalidError{Field: "limits.within", Rule: "a second to 31 days"}
		}
		seen[l.Name] = true
	}
	return nil
}

// maxLimits keeps what one act writes within one append of a journal, 64 facts.
const maxLimits = 12

// rateKey is what is counted: a limit, and an actor if it counts each for himself.
type rateKey struct{ limit, actor string }

// rate is a window of issues.
type rate struct {
	times []time.Time // at most Most+maxBatch, oldest first
	told  time.Time
}

func (l *Limit) key(actor string) rateKey {
	if l.PerActor {
		return rateKey{l.Name, actor}
	}
	return rateKey{limit: l.Name}
}

func (r *Registry) rate(key rateKey) *rate {
	if r.rates[key] == nil {
		r.rates[key] = &rate{}
	}
	return r.rates[key]
}

// count takes one issue into the windows it belongs to.
func (r *Registry) count(kind string, f Fact) {
	for i := range r.cfg.Limits {
		l := &r.cfg.Limits[i]
		if l.Kind != 0 && l.Kind.String() != kind {
			continue
		}
		w := r.rate(l.key(f.Actor))
		w.forget(f.At.Add(-l.Within))
		if len(w.times) > l.Most+maxBatch {
			w.times = w.times[1:]
		}
		w.times = append(w.times, f.At)
	}
}

// forget drops what lies before the window.
func (w *rate) forget(before time.Time) {
	n := 0
	for n < len(w.times) && !w.times[n].After(before) {
		n++
	}
	w.times = w.times[n:] // append makes new room when it has to, and leaves what lies before behind
}

// checkRates holds a wish to issue to the limits. The plan has the alarms to be written down, and the refusal.
func (r *Registry) checkRates(actor string, claims []qr.Claims) plan {
	var p plan
	now := r.cfg.Now()
	for _, l := range r.cfg.Limits {
		wanted := 0
		for _, c := range claims {
			if c.Body != nil && (l.Kind == 0 || l.Kind == c.Body.Kind()) {
				wanted++
			}
		}
		w := r.rate(l.key(actor))
		w.forget(now.Add(-l.Within))
		if wanted == 0 || len(w.times)+wanted <= l.Most {
			continue
		}
		if l.Refuse && p.refusal == nil {
			p.refusal = &RateError{Limit: l.Name, Most: l.Most, Within: l.Within}
		}
		if w.told.IsZero() || !now.Before(w.told.Add(l.Within)) {
			p.alarms = append(p.alarms, Alarm{Limit: l, Actor: actor, At: now, Count: len(w.times) + wanted, Refused: l.Refuse})
		}
	}
	return p
}

func (r *Registry) rateFacts(actor string, alarms []Alarm) ([]Fact, error) {
	var facts []Fact
	for _, a := range alarms {
		f, err := r.fact(factRate, actor, rateBody{Limit: a.Limit.Name, Count: a.Count, Refused: a.Refused})
		if err != nil {
			return nil, err
		}
		facts = append(facts, f)
	}
	return facts, nil
}

// applyRate remembers that an alarm was told; one of a limit that is no longer set is history.
func (r *Registry) applyRate(f Fact) string {
	var b rateBody
	if !decode(f.Body, &b) {
		return "a body of its kind"
	}
	for i := range r.cfg.Limits {
		if l := &r.cfg.Limits[i]; l.Name == b.Limit {
			r.rate(l.key(f.Actor)).told = f.At
		}
	}
	return ""
}

// tell hands the alarms over, when the lock is free again.
func (r *Registry) tell(alarms []Alarm) {
	if r.cfg.Alarm == nil {
		return
	}
	for _, a := range alarms {
		r.cfg.Alarm(a)
	}
}
