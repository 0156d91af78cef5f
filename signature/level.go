package signature

import "crypto/x509"

// findLevel says which PAdES baseline level a signature reaches (EN 319 142-1, 6.1), by what the document carries: T with
// a time stamp over it that is intact, LT with the revocation data for its chain and the time stamp's, LTA with a document
// time stamp over those. Whether authorities are trusted is the indication's affair.
func (j *judgement) findLevel(c *candidate) {
	if c.out.Level != "PAdES-BASELINE-B" || !c.out.Intact {
		return
	}
	stamped := false
	var statuses []statusOf
	for _, t := range c.out.Timestamps {
		stamped = stamped || t.Intact
		statuses = append(statuses, t.statuses...)
	}
	over := j.stampsAfter(c.tail)
	if !stamped && len(over) == 0 {
		return
	}
	c.out.Level = "PAdES-BASELINE-T"
	if len(c.chain) < 2 || len(c.statuses) < len(c.chain)-1 {
		return
	}
	if !stamped { // the oldest document time stamp takes the place of the signature's own
		statuses = append(statuses, over[0].statuses...)
	}
	last := int64(0)
	for _, s := range append(statuses, c.statuses...) {
		if s.statement == nil || s.stored == 0 {
			return
		}
		last = max(last, s.stored)
	}
	c.out.Level = "PAdES-BASELINE-LT"
	if len(j.stampsAfter(last)) > 0 {
		c.out.Level = "PAdES-BASELINE-LTA"
	}
}

// stampsAfter lists the intact document time stamps that cover the byte before an offset, the oldest first.
func (j *judgement) stampsAfter(offset int64) (out []*candidate) {
	for _, c := range j.candidates {
		if c.isStamp && c.sound && c.out.Intact && c.tail > offset {
			out = append(out, c)
		}
	}
	return out
}

// evidenceOf collects what the verdict on a signature rests on: its chain and those of its time stamps, with the status
// of each certificate.
func (j *judgement) evidenceOf(c *candidate) Evidence {
	var e Evidence
	add := func(chain []*x509.Certificate, statuses []statusOf) {
		for _, cert := range chain {
			e.merge(Evidence{Certificates: [][]byte{cert.Raw}})
		}
		for _, s := range statuses {
			if s.statement != nil {
				e.merge(s.used)
			}
		}
	}
	add(c.chain, c.statuses)
	for _, t := range c.out.Timestamps {
		add(t.chain, t.statuses)
	}
	for _, stamp := range j.stampsAfter(c.tail) {
		add(stamp.stamp.chain, stamp.stamp.statuses)
	}
	return e
}
