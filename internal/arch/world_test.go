package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
)

// forbiddenCalls are functions that reach for a world the caller did not hand over.
var forbiddenCalls = map[string]string{
	"time.Now":          "the clock comes from Config.Now or an argument",
	"time.Since":        "the clock comes from Config.Now or an argument",
	"time.Until":        "the clock comes from Config.Now or an argument",
	"time.LoadLocation": "Vietnam is a fixed zone, internal/vntime",
	"os.Getenv":         "settings come from the caller",
	"os.LookupEnv":      "settings come from the caller",
	"os.Exit":           "a library never exits",
	"http.Get":          "the client comes from the caller",
	"http.Post":         "the client comes from the caller",
	"http.PostForm":     "the client comes from the caller",
	"http.Head":         "the client comes from the caller",
	"fmt.Print":         "a library never prints",
	"fmt.Printf":        "a library never prints",
	"fmt.Println":       "a library never prints",
	"slog.Default":      "a library never logs what it can return",
	"slog.Info":         "a library never logs what it can return",
	"slog.Warn":         "a library never logs what it can return",
	"slog.Error":        "a library never logs what it can return",
}

// forbiddenValues are package variables of others that are shared by the whole process.
var forbiddenValues = map[string]string{
	"http.DefaultClient":    "the client comes from the caller",
	"http.DefaultTransport": "the transport comes from the caller",
	"http.DefaultServeMux":  "the mux comes from the caller",
	"flag.CommandLine":      "flags belong to programs",
}

var forbiddenImports = map[string]string{
	"log":          "a library never logs what it can return",
	"math/rand":    "chance comes from crypto/rand or the caller",
	"math/rand/v2": "chance comes from crypto/rand or the caller",
	"testing":      "tests stay in tests",
}

func TestNoHiddenWorld(t *testing.T) {
	for _, p := range ourPackages(t) {
		if !p.isLibrary() {
			continue
		}
		files := parse(t, p)
		state := packageState(files)
		for _, file := range files {
			checkFile(t.Errorf, file, state)
		}
	}
}

// TestHiddenWorldIsSeen makes sure that the check can fail: each line of the specimen breaks one rule.
func TestHiddenWorldIsSeen(t *testing.T) {
	const specimen = `package p
import "math/rand"
var state = map[string]int{}
func init() {
	_ = time.Now()
	_ = os.Getenv("X")
	_ = http.DefaultClient
	panic(rand.Int())
	state["x"] = 1
	state["y"]++
	io.ReadAll(body)
}
func fine() {
	state := 1
	state = 2
	io.ReadAll(io.LimitReader(body, 9))
}`
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, "specimen.go", specimen, 0)
	if err != nil {
		t.Fatal(err)
	}
	files := []source{{&pkg{}, "specimen.go", parsed, fset}}
	found := 0
	checkFile(func(string, ...any) { found++ }, files[0], packageState(files))
	if found != 9 {
		t.Errorf("found %d breaches in a specimen with 9", found)
	}
}

type reporter func(format string, args ...any)

func checkFile(report reporter, file source, state map[string]bool) {
	checkImports(report, file)
	checkDecls(report, file, state)
}

func checkImports(report reporter, file source) {
	for _, spec := range file.ast.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if why := forbiddenImports[path]; why != "" {
			report("%s imports %s: %s", file.path, path, why)
		}
	}
}

// packageState collects the names of a package's variables.
func packageState(files []source) map[string]bool {
	names := make(map[string]bool)
	for _, file := range files {
		for _, decl := range file.ast.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, spec := range gen.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					names[name.Name] = name.Name != "_"
				}
			}
		}
	}
	return names
}

func checkDecls(report reporter, file source, state map[string]bool) {
	for _, decl := range file.ast.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if f.Name.Name == "init" && f.Recv == nil {
			report("%s:%d: init() has effects nobody asked for", file.path, file.line(f.Pos()))
		}
		if f.Body == nil {
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool { checkNode(report, file, state, n); return true })
	}
}

func checkNode(report reporter, file source, state map[string]bool, n ast.Node) {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := selector(n.Fun)
		if why := forbiddenCalls[name]; why != "" {
			report("%s:%d: %s: %s", file.path, file.line(n.Pos()), name, why)
		}
		if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "panic" {
			report("%s:%d: panic: a library returns errors", file.path, file.line(n.Pos()))
		}
		if name == "io.ReadAll" && !isLimited(n) && file.pkg.rel() != "internal/httpx" {
			report("%s:%d: io.ReadAll without a limit", file.path, file.line(n.Pos()))
		}
	case *ast.SelectorExpr:
		if why := forbiddenValues[selector(n)]; why != "" {
			report("%s:%d: %s: %s", file.path, file.line(n.Pos()), selector(n), why)
		}
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			return
		}
		for _, left := range n.Lhs {
			checkWrite(report, file, state, left)
		}
	case *ast.IncDecStmt:
		checkWrite(report, file, state, n.X)
	}
}

// checkWrite refuses to change a variable of the package. Names that a function declares itself are resolved by the
// parser and do not count.
func checkWrite(report reporter, file source, state map[string]bool, x ast.Expr) {
	root := x
	for {
		switch e := root.(type) {
		case *ast.IndexExpr:
			root = e.X
			continue
		case *ast.SelectorExpr:
			root = e.X
			continue
		case *ast.StarExpr:
			root = e.X
			continue
		case *ast.ParenExpr:
			root = e.X
			continue
		}
		break
	}
	id, ok := root.(*ast.Ident)
	if !ok || !state[id.Name] {
		return
	}
	if id.Obj != nil {
		spec, ok := id.Obj.Decl.(*ast.ValueSpec)
		if !ok || !isTopLevel(file.ast, spec) {
			return
		}
	}
	report("%s:%d: %s is state of the package", file.path, file.line(x.Pos()), id.Name)
}

func isTopLevel(file *ast.File, spec *ast.ValueSpec) bool {
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range gen.Specs {
			if s == ast.Spec(spec) {
				return true
			}
		}
	}
	return false
}

// selector returns "pkg.Name" for a plain selector, else "".
func selector(x ast.Expr) string {
	sel, ok := x.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok || id.Obj != nil {
		return ""
	}
	return id.Name + "." + sel.Sel.Name
}

func isLimited(call *ast.CallExpr) bool {
	inner, ok := call.Args[0].(*ast.CallExpr)
	return ok && (selector(inner.Fun) == "io.LimitReader" || selector(inner.Fun) == "http.MaxBytesReader")
}
