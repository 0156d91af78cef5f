package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/motcua/motcua/examples/onestop/office"
)

// TestSettings replaces one simulator by a file and leaves the others, and refuses a file with a slip in it.
func TestSettings(t *testing.T) {
	h, c := open(t)
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "settings.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	s, err := loadSettings(write(`{"vnpay": {"terminal": "REALTERM", "secret": "a-real-terminal-secret-0123456789",
		"pay": "https://pay.example/paymentv2/vpcpay.html", "api": "https://pay.example/merchant_webapi/api/transaction"}}`), h.World)
	if err != nil {
		t.Fatal(err)
	}
	var cfg office.Config
	if err := s.connect(h.URL, h.World, c.Now, &cfg); err != nil {
		t.Fatal(err)
	}
	if got := cfg.Gateway.Name(); got != "vnpay:REALTERM" {
		t.Errorf("the gateway is %s", got)
	}
	if cfg.Citizens.Profile.Issuer != h.World.SignIn.Issuer() || len(cfg.Registers) != 1 {
		t.Error("what the file leaves out is not a simulator any more")
	}
	for _, bad := range []string{`{"vnpay": {"terminal": 5}}`, `{"vnpai": {}}`, `{`} {
		if _, err := loadSettings(write(bad), h.World); err == nil {
			t.Errorf("accepted: %s", bad)
		}
	}
	real := filepath.Join(h.Dir, "keys", "citizen.pem")
	if s, err = loadSettings(write(`{"signing": {"timestamps": "http://tsa.example/", "leader": {"identity": "`+real+`", "name": "Ai Đó"}}}`), h.World); err != nil {
		t.Fatal(err)
	}
	if err := s.Signing.keys(h.Keys, &cfg); err != nil {
		t.Fatal(err)
	}
	if !cfg.Leader.Chain[0].Equal(h.Keys.Citizen.Chain[0]) || cfg.Leader.Name != "Ai Đó" || !cfg.Seal.Chain[0].Equal(h.Keys.Seal.Chain[0]) || len(cfg.Leader.Image) == 0 {
		t.Error("the leader's settings do not reach the office, or reach more than the leader")
	}
	for _, bad := range []string{`{"identity": "nosuch.pem"}`, `{"image": "nosuch.png"}`} {
		s, err := loadSettings(write(`{"signing": {"leader": `+bad+`}}`), h.World)
		if err == nil {
			err = s.Signing.keys(h.Keys, &cfg)
		}
		if err == nil {
			t.Errorf("accepted: %s", bad)
		}
	}
}
