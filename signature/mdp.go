package signature

import (
	"slices"

	"github.com/motcua/motcua/internal/pdf"
)

// checkCertification reads what a signature certifies and locks. A certifying signature is the first of the document, and
// the catalog names it; another arrangement is the certification attack or broken software.
func (j *judgement) checkCertification(c *candidate) {
	level, err := j.doc.MDP(c.dict)
	if err != nil {
		c.fail("signature.certification", c.ref.Num)
		return
	}
	c.out.Certification = level
	named, err := j.certifying()
	if err != nil {
		c.fail("signature.certification", c.ref.Num)
		return
	}
	first := !slices.ContainsFunc(j.candidates, func(other *candidate) bool {
		return other != c && other.sound && !other.isStamp && other.tail < c.tail
	})
	switch {
	case level == 0 && named == c.ref, level > 0 && !first:
		c.fail("signature.certification", c.ref.Num)
	case level > 0 && named != c.ref:
		c.warn("signature.certification-unnamed")
	}
	lock, err := j.doc.FieldMDP(c.dict)
	if err != nil {
		c.fail("signature.certification", c.ref.Num)
		return
	}
	if lock.Action == "" {
		return
	}
	fields, err := j.doc.Fields()
	if err != nil {
		return
	}
	for _, f := range fields {
		if f.Type != "Sig" && lock.Locks(f.Name) && len(c.out.LockedFields) < maxListed {
			c.out.LockedFields = append(c.out.LockedFields, f.Name)
		}
	}
}

// certifying returns the signature that the catalog names as the certifying one.
func (j *judgement) certifying() (pdf.Ref, error) {
	catalog, err := j.doc.Catalog()
	if err != nil {
		return pdf.Ref{}, err
	}
	perms, err := j.doc.Dict(catalog["Perms"])
	if err != nil {
		return pdf.Ref{}, err
	}
	ref, _ := perms["DocMDP"].(pdf.Ref)
	return ref, nil
}

// checkFieldLock fails the signature when a field that it locked was edited.
func (d *difference) checkFieldLock() {
	lock, err := d.old.FieldMDP(d.c.dict)
	if err != nil || lock.Action == "" {
		return // an unreadable lock has failed the signature already
	}
	fields, err := d.old.Fields()
	if err != nil {
		return
	}
	names := map[int]string{}
	for _, f := range fields {
		names[f.Ref.Num] = f.Name
	}
	for _, change := range d.c.out.Changes {
		if name, ok := names[change.Object]; ok && change.Kind == FormEdited && lock.Locks(name) {
			d.c.fail("document.field-locked", change.Object)
			return
		}
	}
}

// explain adds the reason, and what the certification says.
func (d *difference) explain(change *Change) {
	if !change.Permitted {
		change.Why = codeOf(change.Kind)
	}
	level := d.c.out.Certification
	if level == 0 {
		return
	}
	allowed := false
	switch change.Kind {
	case ValidationData, Rewritten, ObjectAdded, InformationEdited:
		allowed = change.Permitted
	case SignatureAdded, FormExtended:
		allowed = change.Permitted && (level > 1 || !d.j.signedLater(d.c))
	case FormEdited:
		v, err := d.old.Numbered(change.Object)
		dict, _ := v.(pdf.Dict)
		allowed = err == nil && (level == 3 || level == 2 && dict["FT"] != nil)
	}
	change.Certified = &allowed
}

// signedLater reports whether somebody signed after c; document time stamps are not signatures.
func (j *judgement) signedLater(c *candidate) bool {
	return slices.ContainsFunc(j.candidates, func(other *candidate) bool { return !other.isStamp && other.tail > c.tail })
}
