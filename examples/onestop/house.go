package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/examples/onestop/office"
	"github.com/motcua/motcua/examples/onestop/outside"
	"github.com/motcua/motcua/examples/onestop/story"
	"github.com/motcua/motcua/examples/onestop/vault"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal/audit"
	"github.com/motcua/motcua/journal/sqlite"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/signature/pades"
)

//go:embed procedures/*.json
var procedures embed.FS

// agencyID is the invented ward's agency code.
const agencyID = "H26.35.12"

// house is an office with its data directory and the world around it.
type house struct {
	Dir, URL, Settings string
	Now                func() time.Time
	Log                *slog.Logger

	Office  *office.Office
	World   *outside.World
	Keys    *outside.Keys
	Journal *sqlite.Journal
	Ledger  *ledger
}

// openHouse opens everything an office stands on. Simulators take the places the settings leave open.
func openHouse(ctx context.Context, h house) (_ *house, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
		}
	}()
	if h.Keys, err = outside.LoadKeys(filepath.Join(h.Dir, "keys"), agencyID, h.Now()); err != nil {
		return nil, err
	}
	if h.Journal, err = sqlite.Open(ctx, filepath.Join(h.Dir, "journal.db"), sqlite.Config{}); err != nil {
		return nil, err
	}
	below := counted{h.Journal, func(n int) { h.Ledger.wrote(n) }} // nothing is written before there is a ledger
	sealed, subjects, err := sealJournal(ctx, filepath.Join(h.Dir, "keys"), below, h.Now)
	if err != nil {
		return nil, err
	}
	files, err := vault.Open(filepath.Join(h.Dir, "files"), subjects)
	if err != nil {
		return nil, err
	}
	if h.World, err = outside.Start(h.URL, h.Keys, h.Now); err != nil {
		return nil, err
	}
	cfg := office.Config{URL: h.URL, Now: h.Now, Journal: sealed, Eraser: sealed, Files: files, Log: h.Log, CommandSecret: h.Keys.CommandSecret}
	s, err := loadSettings(h.Settings, h.World)
	if err != nil {
		return nil, err
	}
	if err := s.connect(h.URL, h.World, h.Now, &cfg); err != nil {
		return nil, err
	}
	if err := h.equip(s.Signing, &cfg); err != nil {
		return nil, err
	}
	if err := h.keepLedger(s, &cfg); err != nil {
		return nil, err
	}
	if err := finishErasures(ctx, sealed); err != nil {
		return nil, err
	}
	h.Office, err = office.New(ctx, cfg)
	return &h, err
}

// equip gives the office its agency, keys and anchors.
func (h *house) equip(sign signingSettings, cfg *office.Config) (err error) {
	if cfg.Procedures, err = fs.Sub(procedures, "procedures"); err != nil {
		return err
	}
	id, err := dossier.ParseAgencyID(agencyID)
	if err != nil {
		return err
	}
	cfg.Agency = office.Agency{ID: id, Superior: "Thành phố Hà Nội", Name: "Ủy ban nhân dân phường Ví Dụ",
		OneStop: "Bộ phận Tiếp nhận và Trả kết quả", Place: "Ví Dụ", Hotline: "1900 0000"}
	if cfg.Pseudonyms, err = identity.NewPseudonymizer(h.Keys.PseudonymKey); err != nil {
		return err
	}
	if err := sign.keys(h.Keys, cfg); err != nil {
		return err
	}
	if cfg.Codes, err = qr.ParseTrustFile(h.Keys.Trust); err != nil {
		return err
	}
	cfg.Issuer, err = qr.NewIssuer(h.Keys.Codes, agencyID, qr.IssueConfig{Now: h.Now})
	return err
}

// keepLedger makes the journal provable, under the time-stamp authority of the settings.
func (h *house) keepLedger(s settings, cfg *office.Config) error {
	client, err := h.World.Client(authorityTime)
	if err != nil {
		return err
	}
	stamper, err := audit.NewAuthority(s.Signing.Timestamps, cfg.Anchors.Anchors(), audit.AuthorityConfig{Client: client})
	if err != nil {
		return err
	}
	dir := filepath.Join(h.Dir, "proofs")
	kept := s.Witness
	if kept == "" {
		kept = filepath.Join(dir, "witness.jsonl")
	}
	h.Ledger, err = openLedger(h.Journal, ledgerConfig{Dir: dir, Log: h.Keys.Log, Witness: h.Keys.Witness, Kept: kept,
		Authorities: cfg.Anchors.Anchors(), Stamper: stamper, Now: h.Now, Say: h.Log})
	if err != nil {
		return err
	}
	cfg.Ledger = h.Ledger
	return nil
}

// Close signs a last checkpoint, ends the simulators and closes the journal.
func (h *house) Close() error {
	var err error
	if h.Office != nil {
		h.Office.Close()
	}
	if h.Ledger != nil {
		err = h.Ledger.Close()
	}
	if h.World != nil {
		err = errors.Join(err, h.World.Close())
	}
	if h.Journal != nil {
		err = errors.Join(err, h.Journal.Close())
	}
	return err
}

// signFor signs a paper as somebody outside the office, for stories.
func (h *house) signFor(who string, pdf []byte) ([]byte, error) {
	id := h.Keys.Citizen
	if who == story.Hospital {
		id = h.Keys.Hospital
	}
	var out bytes.Buffer
	err := pades.Sign(bytes.NewReader(pdf), int64(len(pdf)), &out, id.Key, id.Chain, pades.Config{At: h.Now()})
	return out.Bytes(), err
}
