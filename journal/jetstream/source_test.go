package jetstream_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
)

func TestParseSource(t *testing.T) {
	for _, test := range []struct{ name, stream string }{
		{"H26.35.12", "motcua-H26_35_12"}, {"G01", "motcua-G01"}, {"H26.35.12.land-1", "motcua-H26_35_12_land-1"},
		{"", ""}, {".", ""}, {"H26.", ""}, {"H26..1", ""}, {"H26_1", ""}, {"H26.*", ""}, {"H26.>", ""}, {"H26 1", ""},
		{"Hế", ""}, {strings.Repeat("x", 65), ""},
	} {
		s, err := jetstream.ParseSource(test.name)
		if test.stream == "" {
			var invalid *journal.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != "source" || !s.IsZero() {
				t.Errorf("%q: got %q, %v, want *InvalidError for source", test.name, s, err)
			}
			continue
		}
		if err != nil || s.String() != test.name || s.Stream() != test.stream {
			t.Errorf("%q: got %q with stream %q, %v", test.name, s, s.Stream(), err)
		}
	}
}

func TestSubject(t *testing.T) {
	source := parseSource(t, "H26.35.12")
	for kind, want := range map[string]string{
		"dossier.accepted": "motcua.H26_35_12.dossier.accepted",
		"dossier.*":        "motcua.H26_35_12.dossier.>",
		"*":                "motcua.H26_35_12.>",
		"a..b.":            "motcua.H26_35_12.a._.b._", // a kind the journal takes, and NATS would not
	} {
		if got := source.Subject(kind); got != want {
			t.Errorf("%q: got %s, want %s", kind, got, want)
		}
	}
}

func FuzzParseSource(f *testing.F) {
	for _, seed := range []string{"H26.35.12", "G01", "", ".", "a-b", "H26_1", "*", "Hế"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		s, err := jetstream.ParseSource(name)
		if err != nil {
			if !s.IsZero() {
				t.Errorf("%q: refused, and yet a source", name)
			}
			return
		}
		again, err := jetstream.ParseSource(s.String())
		if err != nil || again != s || s.String() != name || strings.ContainsAny(s.Stream(), ". *>/\\") {
			t.Errorf("%q: read back as %q, %v, stream %q", name, again, err, s.Stream())
		}
	})
}

func TestKindsAreRefused(t *testing.T) {
	conn, source := setup(t, one)
	for name, kinds := range map[string][]string{
		"none": nil, "empty": {""}, "capitals": {"Dossier.filed"}, "wildcard inside": {"dossier.*.x"},
		"nats":     {"dossier.>"},
		"bare dot": {".*"}, "twice": {"a.b", "a.b"}, "covered": {"dossier.*", "dossier.filed"}, "all and one": {"a", "*"},
		"covered prefix": {"a.b.*", "a.*"}, "too many": make([]string, 65),
	} {
		var invalid *journal.InvalidError
		if _, err := jetstream.NewInbox(conn, "x", source, kinds, jetstream.InboxConfig{}); !errors.As(err, &invalid) ||
			invalid.Field != "kinds" {
			t.Errorf("inbox, %s: got %v, want *InvalidError for kinds", name, err)
		}
		_, err := jetstream.NewRelay(journal.NewMemory(), conn, source, kinds, jetstream.RelayConfig{})
		if !errors.As(err, &invalid) || invalid.Field != "kinds" {
			t.Errorf("relay, %s: got %v, want *InvalidError for kinds", name, err)
		}
	}
}
