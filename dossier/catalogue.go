package dossier

import (
	"cmp"
	"io/fs"
	"slices"
	"time"
)

// maxCatalogue bounds how many procedure files one catalogue holds; the nation has some 6,000 procedures.
const maxCatalogue = 20000

// Catalogue is the procedures an office knows, with their versions. It is immutable and safe for concurrent use.
type Catalogue struct {
	procedures []*Procedure // by code and since
	editions   map[ProcedureCode][]*Procedure
	versions   map[string]*Procedure
}

// NewCatalogue puts procedures together. Two versions of one procedure may not be in force on the same day. Errors:
// *[ProcedureError].
func NewCatalogue(procedures ...*Procedure) (*Catalogue, error) {
	c := &Catalogue{procedures: slices.Clone(procedures), editions: make(map[ProcedureCode][]*Procedure),
		versions: make(map[string]*Procedure)}
	slices.SortFunc(c.procedures, func(a, b *Procedure) int {
		return cmp.Or(cmp.Compare(a.Code.String(), b.Code.String()), a.Since.Time().Compare(b.Since.Time()))
	})
	for i, p := range c.procedures {
		if i > 0 && c.procedures[i-1].Code == p.Code {
			before := c.procedures[i-1]
			if before.Until.IsZero() || before.Until.Time().After(p.Since.Time()) {
				return nil, &ProcedureError{p.Code.String(), []*InvalidError{
					{Field: "since", Rule: "a day on which no other version is in force", Err: errTwoVersions}}}
			}
		}
		c.versions[p.version] = p
		c.editions[p.Code] = append(c.editions[p.Code], p)
	}
	return c, nil
}

// LoadCatalogue reads all *.json files at the root of files, one procedure version each. Keep old versions there as
// long as a dossier pins them. Errors: *[ProcedureError].
func LoadCatalogue(files fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil || len(names) == 0 || len(names) > maxCatalogue {
		return nil, &ProcedureError{"*.json", []*InvalidError{{Field: "files", Rule: "1 to 20000 procedure files", Err: err}}}
	}
	var procedures []*Procedure
	for _, name := range names {
		p, err := readProcedureFile(files, name)
		if err != nil {
			return nil, err
		}
		procedures = append(procedures, p)
	}
	return NewCatalogue(procedures...)
}

func readProcedureFile(files fs.FS, name string) (*Procedure, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, &ProcedureError{name, []*InvalidError{{Field: "file", Rule: "readable", Err: err}}}
	}
	defer f.Close()
	return ReadProcedure(name, f)
}

// At returns the version of a procedure under which a dossier is filed at t: the agency's own edition of a localised
// code if there is one, else the national one. Errors: *[NotFoundError].
func (c *Catalogue) At(code ProcedureCode, t time.Time) (*Procedure, error) {
	for _, wanted := range []ProcedureCode{code, code.National()} {
		for _, p := range c.editions[wanted] {
			if p.InForce(t) {
				return p, nil
			}
		}
	}
	return nil, &NotFoundError{What: "procedure", Key: code.String()}
}

// Version returns the version a dossier has pinned. Errors: *[NotFoundError].
func (c *Catalogue) Version(version string) (*Procedure, error) {
	if p, ok := c.versions[version]; ok {
		return p, nil
	}
	return nil, &NotFoundError{What: "procedure version", Key: version}
}

// All returns the procedures that may be filed at t, by code.
func (c *Catalogue) All(t time.Time) []*Procedure {
	var all []*Procedure
	for _, p := range c.procedures {
		if p.InForce(t) {
			all = append(all, p)
		}
	}
	return all
}
