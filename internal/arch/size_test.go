package arch_test

import (
	"go/ast"
	"testing"
)

// The aim is 400 lines a file and 40 a function; these are the hard stops.
const (
	maxFileLines     = 700
	maxFunctionLines = 80
)

func TestSizes(t *testing.T) {
	for _, p := range ourPackages(t) {
		for _, file := range parse(t, p) {
			if n := file.line(file.ast.FileEnd); n > maxFileLines {
				t.Errorf("%s has %d lines, more than %d", file.path, n, maxFileLines)
			}
			for _, decl := range file.ast.Decls {
				f, ok := decl.(*ast.FuncDecl)
				if !ok {
					continue
				}
				if n := file.line(f.End()) - file.line(f.Pos()) + 1; n > maxFunctionLines {
					t.Errorf("%s: %s has %d lines, more than %d", file.path, f.Name.Name, n, maxFunctionLines)
				}
			}
		}
	}
}
