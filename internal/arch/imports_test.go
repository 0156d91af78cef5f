package arch_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed is the import table of the house: what each package may import of ours besides internal/*. A sub-package may
// import its parent and what the parent may import; a package may import its own leaf sub-packages.
var allowed = map[string][]string{
	"journal":       {},
	"qr":            {},
	"signature":     {},
	"identity":      {"qr"},
	"identity/chip": {"identity/card"}, // DG1 is a machine-readable zone
	// What a wallet is asked for is what a purpose allows, and what it shows is a credential.
	"identity/openid4vp":  {"identity/privacy", "identity/sdjwt"},
	"identity/openid4vci": {"identity/sdjwt"},
	"payment":             {"journal", "qr"},
	"dossier":             {"journal", "identity"},
	"dossier/paper":       {"qr"},
	"onceonly":            {"journal", "identity"},
}

func TestImportTable(t *testing.T) {
	for _, p := range ourPackages(t) {
		for _, imported := range p.Imports {
			target, ok := strings.CutPrefix(imported, module+"/")
			if !ok {
				continue
			}
			if why := refuse(p, target); why != "" {
				t.Errorf("%s imports %s: %s", p.rel(), target, why)
			}
		}
	}
}

func refuse(p *pkg, target string) string {
	from := p.rel()
	top, _, _ := strings.Cut(from, "/")
	switch {
	case top == "examples" && strings.HasPrefix(target, "internal/"):
		return "examples show what a vendor can do, and a vendor has no internal packages"
	case top == "examples":
		return ""
	case strings.HasPrefix(target, "examples"):
		return "nothing imports an example"
	case top == "internal":
		if strings.HasPrefix(target, "internal/") {
			return ""
		}
		return "internal packages import no public package"
	case strings.HasSuffix(target, "test") && !p.isTestHelp():
		return "test helpers stay in tests"
	case strings.HasPrefix(target, "internal/"):
		return ""
	}
	targetTop, _, _ := strings.Cut(target, "/")
	may := slices.Concat(allowed[top], allowed[from])
	switch {
	case targetTop == top && (p.isTestHelp() || isParent(target, from) || isParent(from, target)):
		return ""
	case slices.Contains(may, targetTop), slices.Contains(may, target):
		return ""
	case p.isTestHelp() && targetTop == "journal":
		return ""
	}
	return "not in the import table"
}

// isParent reports whether child lies below parent.
func isParent(parent, child string) bool { return strings.HasPrefix(child, parent+"/") }

// TestThirdParty holds the modules that each public package links against a golden list, so that a new guest is seen.
func TestThirdParty(t *testing.T) {
	all := load(t)
	moduleOf := make(map[string]string)
	for _, p := range all {
		if p.Module != nil && !p.ours() {
			moduleOf[p.ImportPath] = p.Module.Path
		}
	}
	var b strings.Builder
	for _, p := range ourPackages(t) {
		if !p.isPublic() {
			continue
		}
		var guests []string
		for _, dep := range p.Deps {
			if m := moduleOf[dep]; m != "" && !slices.Contains(guests, m) {
				guests = append(guests, m)
			}
		}
		slices.Sort(guests)
		b.WriteString(p.rel() + ":")
		for _, guest := range guests {
			b.WriteString(" " + guest)
		}
		b.WriteString("\n")
	}
	golden(t, "third-party.golden", sortLines(b.String()))
}

func sortLines(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	wantLines := strings.Split(string(want), "\n")
	for _, line := range strings.Split(got, "\n") {
		if !slices.Contains(wantLines, line) {
			t.Errorf("%s: new: %s", name, line)
		}
	}
	t.Errorf("%s differs; justify the change in CONTRIBUTING.md, then go test ./internal/arch -update", name)
}

func TestPackageComment(t *testing.T) {
	for _, p := range ourPackages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.rel())
		}
	}
}
