package main

import (
	"io/fs"
	"testing"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/form"
)

// TestProcedures holds the shipped procedure files to what their readers demand.
func TestProcedures(t *testing.T) {
	files, err := fs.Sub(procedures, "procedures")
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := dossier.LoadCatalogue(files)
	if err != nil {
		t.Fatal(err)
	}
	all := catalogue.All(storyStart)
	if len(all) != 2 {
		t.Fatalf("%d procedures in force, want 2", len(all))
	}
	for _, p := range all {
		if _, err := form.Compile(p.Form); err != nil {
			t.Errorf("%s: %v", p.Code, err)
		}
	}
}
