package arch_test

import (
	"encoding/json"
	"errors"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/motcua/motcua"

var update = flag.Bool("update", false, "rewrite golden files")

// pkg is one package of ours, as `go list` tells it.
type pkg struct {
	ImportPath string
	Dir        string
	Doc        string
	GoFiles    []string
	Imports    []string
	Deps       []string
	Standard   bool
	Module     *struct{ Path string }
}

// rel returns the path below the module: "dossier/calendar".
func (p *pkg) rel() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

// ours reports whether the package belongs to this module.
func (p *pkg) ours() bool { return p.Module != nil && p.Module.Path == module }

// isTestHelp reports whether the package exists for tests only: journaltest, identitytest, internal/enginetest.
func (p *pkg) isTestHelp() bool { return strings.HasSuffix(p.ImportPath, "test") }

// isLibrary reports whether the package is code that a vendor's program may run.
func (p *pkg) isLibrary() bool {
	return p.ours() && !strings.HasPrefix(p.rel(), "examples") && !p.isTestHelp() && p.rel() != "internal/arch"
}

// isPublic reports whether a vendor may import the package.
func (p *pkg) isPublic() bool {
	return p.ours() && !strings.HasPrefix(p.rel(), "examples") && !strings.HasPrefix(p.rel(), "internal")
}

var loadAll = sync.OnceValues(func() ([]*pkg, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Doc,GoFiles,Imports,Deps,Standard,Module", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var all []*pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, &p)
	}
})

// load returns all packages the module is made of, ours and others'.
func load(t *testing.T) []*pkg {
	t.Helper()
	all, err := loadAll()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return all
}

// ourPackages returns the packages of this module.
func ourPackages(t *testing.T) []*pkg {
	return slices.DeleteFunc(slices.Clone(load(t)), func(p *pkg) bool { return !p.ours() })
}

type source struct {
	pkg  *pkg
	path string
	ast  *ast.File
	fset *token.FileSet
}

// parse returns the syntax of a package's files, tests left out.
func parse(t *testing.T, p *pkg) []source {
	t.Helper()
	fset := token.NewFileSet()
	var files []source
	for _, name := range p.GoFiles {
		path := filepath.Join(p.Dir, name)
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, source{p, p.rel() + "/" + name, file, fset})
	}
	return files
}

func (s source) line(pos token.Pos) int { return s.fset.Position(pos).Line }
