package pdf

import (
	"slices"
	"strings"
)

// Permission returns the level of the certifying signature the catalog names (DocMDP: 1 no change, 2 forms and
// signatures, 3 annotations too), 0 when there is none.
func (d *Document) Permission(catalog Dict) (int, error) {
	perms, err := d.Dict(catalog["Perms"])
	if err != nil {
		return 0, err
	}
	signature, err := d.Dict(perms["DocMDP"])
	if err != nil || signature == nil {
		return 0, err
	}
	return d.MDP(signature)
}

// MDP returns the level of the DocMDP transform in a signature dictionary, 0 when it has none.
func (d *Document) MDP(signature Dict) (int, error) {
	params, ok, err := d.transform(signature, "DocMDP")
	if err != nil || !ok {
		return 0, err
	}
	level, err := d.Resolve(params["P"])
	if err != nil {
		return 0, err
	}
	if n, ok := level.(int64); ok && n >= 1 && n <= 3 {
		return int(n), nil
	}
	return 2, nil // the default
}

const maxReferences = 16 // of a signature dictionary

// transform returns the parameters of a signature's transform method; ok says whether it has that one.
func (d *Document) transform(signature Dict, want Name) (params Dict, ok bool, err error) {
	references, err := d.Array(signature["Reference"])
	if err != nil {
		return nil, false, err
	}
	if len(references) > maxReferences {
		return nil, false, limit(-1, "at most 16 references in a signature")
	}
	for _, v := range references {
		reference, err := d.Dict(v)
		if err != nil {
			return nil, false, err
		}
		method, err := d.Resolve(reference["TransformMethod"])
		if err != nil {
			return nil, false, err
		}
		if method == Value(want) {
			params, err := d.Dict(reference["TransformParams"])
			return params, true, err
		}
	}
	return nil, false, nil
}

// FieldLock says which fields a signature locks (FieldMDP; ISO 32000-2, 12.8.2.4). Action is All, Include or Exclude;
// the zero value locks none.
type FieldLock struct {
	Action Name
	Fields []string
}

// Locks reports whether a field may not change. A name stands for the fields below it too.
func (l FieldLock) Locks(name string) bool {
	listed := slices.ContainsFunc(l.Fields, func(f string) bool { return name == f || strings.HasPrefix(name, f+".") })
	return l.Action == "All" || l.Action == "Include" && listed || l.Action == "Exclude" && !listed
}

// FieldMDP returns what a signature locks.
func (d *Document) FieldMDP(signature Dict) (FieldLock, error) {
	params, ok, err := d.transform(signature, "FieldMDP")
	if err != nil || !ok {
		return FieldLock{}, err
	}
	return d.ReadLock(params)
}

// ReadLock reads the parameters of FieldMDP, or the dictionary that an empty signature field has under /Lock.
func (d *Document) ReadLock(params Dict) (FieldLock, error) {
	var lock FieldLock
	action, err := d.Resolve(params["Action"])
	if err != nil {
		return lock, err
	}
	lock.Action, _ = action.(Name)
	list, err := d.Array(params["Fields"])
	if err != nil {
		return lock, err
	}
	if len(list) > maxFields {
		return lock, limit(-1, "at most 8192 fields")
	}
	for _, v := range list {
		v, err := d.Resolve(v)
		if err != nil {
			return lock, err
		}
		if s, ok := v.(String); ok {
			lock.Fields = append(lock.Fields, s.Text())
		}
	}
	return lock, nil
}
