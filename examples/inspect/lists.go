package main

import (
	"context"
	"crypto"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status"
)

// maxListFile bounds what is read of a list, a key or a text.
const maxListFile = 8 << 20

// readFile reads a small file.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxListFile+1))
	if err == nil && len(data) > maxListFile {
		return nil, fault{"input.file-size", "Tệp lớn hơn mức cho phép (8 MiB).", "The file is larger than 8 MiB."}
	}
	return data, err
}

// readTrust reads the trust file that a verdict rests on.
func readTrust(command, name string) (*qr.TrustList, error) {
	if name == "" {
		return nil, errors.New(command + ": -trust is required: a verdict rests on a stated trust list")
	}
	raw, err := readFile(name)
	if err != nil {
		return nil, err
	}
	return qr.ParseTrustFile(raw)
}

// readStatuses reads one status list, or all files of a directory that end in .cose or .cwt.
func readStatuses(trust *qr.TrustList, name string) ([]*qr.StatusList, error) {
	if name == "" {
		return nil, nil
	}
	files := []string{name}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		files = nil
		for _, pattern := range []string{"status-*.cose", "*.cwt"} {
			found, err := filepath.Glob(filepath.Join(name, pattern))
			if err != nil {
				return nil, err
			}
			files = append(files, found...)
		}
	}
	var lists []*qr.StatusList
	for _, file := range files {
		raw, err := readFile(file)
		if err != nil {
			return nil, err
		}
		list, err := trust.ParseStatusList(raw)
		if err != nil {
			return nil, err
		}
		lists = append(lists, list)
	}
	return lists, nil
}

// readCodes reads a code list that one of the roots has signed; no name is no list.
func readCodes(name string, roots []crypto.PublicKey) (*qr.CodeList, error) {
	if name == "" {
		return nil, nil
	}
	raw, err := readFile(name)
	if err != nil {
		return nil, err
	}
	return qr.ParseCodeList(raw, roots...)
}

type listedKey struct {
	KeyID       qr.KeyID  `json:"keyId"`
	Issuer      string    `json:"issuer"`
	Name        string    `json:"name,omitempty"`
	Kinds       []qr.Kind `json:"kinds"`
	Procedures  []string  `json:"procedures"`
	NotBefore   time.Time `json:"notBefore"`
	NotAfter    time.Time `json:"notAfter"`
	WithdrawnAt time.Time `json:"withdrawnAt,omitzero"`
	VoidEarlier bool      `json:"voidEarlier,omitempty"`
}

type listedSource struct {
	Issuer string `json:"issuer"`
	List   uint64 `json:"list"`
	URI    string `json:"uri"`
	MaxAge string `json:"maxAge"`
}

// trustListCommand shows a trust list: valid means signed by a root of the file, and in force.
func trustListCommand(flags *flag.FlagSet) func() (judge, error) {
	at := flags.String("at", "", "time of judgement, RFC 3339 or yyyy-mm-dd; default now")
	return func() (judge, error) {
		when, err := parseTime(*at)
		if err != nil {
			return nil, err
		}
		return func(_ context.Context, input string) (any, bool) { return judgeTrustList(input, when) }, nil
	}
}

func judgeTrustList(input string, at time.Time) (any, bool) {
	type answer struct {
		verdict
		Owner   string         `json:"owner"`
		Version uint64         `json:"version"`
		Issued  time.Time      `json:"issued"`
		Until   time.Time      `json:"until"`
		Keys    []listedKey    `json:"keys"`
		Status  []listedSource `json:"status"`
	}
	list, err := readTrust("trustlist", input)
	if err != nil {
		return refuse(err), false
	}
	a := answer{verdict: verdict{Valid: true, Reasons: []reason{}}, Owner: list.Owner(), Version: list.Version(),
		Issued: list.Issued(), Until: list.Until(), Keys: []listedKey{}, Status: []listedSource{}}
	if at.Before(list.Issued()) || !at.Before(list.Until()) {
		a.verdict = verdict{Reasons: []reason{{Code: "qr.trustlist-out-of-force",
			VI: "Danh sách tin cậy không có hiệu lực tại thời điểm kiểm tra.",
			EN: "The trust list is not in force at the time of the check."}}}
	}
	for _, k := range list.Keys() {
		a.Keys = append(a.Keys, listedKey{k.KeyID(), k.Issuer, k.IssuerName, k.Kinds, k.Procedures, k.NotBefore, k.NotAfter,
			k.WithdrawnAt, k.VoidEarlier})
	}
	for _, s := range list.StatusSources() {
		a.Status = append(a.Status, listedSource{s.Issuer, s.List, s.URI, s.MaxAge.String()})
	}
	return a, a.Valid
}

// statusListCommand shows a status list: valid means signed by a key of the trust list, and not past its end.
func statusListCommand(flags *flag.FlagSet) func() (judge, error) {
	trust := flags.String("trust", "", "trust file: signed list and its root, as JSON (required)")
	at := flags.String("at", "", "time of judgement, RFC 3339 or yyyy-mm-dd; default now")
	return func() (judge, error) {
		list, err := readTrust("statuslist", *trust)
		if err != nil {
			return nil, err
		}
		when, err := parseTime(*at)
		if err != nil {
			return nil, err
		}
		return func(_ context.Context, input string) (any, bool) { return judgeStatusList(list, input, when) }, nil
	}
}

func judgeStatusList(trust *qr.TrustList, input string, at time.Time) (any, bool) {
	type answer struct {
		verdict
		Issuer  string         `json:"issuer"`
		List    uint64         `json:"list"`
		URI     string         `json:"uri"`
		Issued  time.Time      `json:"issued"`
		Expires time.Time      `json:"expires"`
		TTL     string         `json:"ttl,omitempty"`
		Size    uint64         `json:"size"`
		Counts  map[string]int `json:"counts"`
	}
	raw, err := readFile(input)
	if err != nil {
		return refuse(err), false
	}
	list, err := trust.ParseStatusList(raw)
	if err != nil {
		return refuse(err), false
	}
	a := answer{verdict: verdict{Valid: true, Reasons: []reason{}}, Issuer: list.Issuer(), List: list.List(), URI: list.URI(),
		Issued: list.Issued(), Expires: list.Expires(), Size: list.Size(), Counts: make(map[string]int)}
	if ttl := list.TTL(); ttl > 0 {
		a.TTL = ttl.String()
	}
	if at.Before(list.Issued()) || !at.Before(list.Expires()) {
		a.verdict = verdict{Reasons: []reason{{Code: "qr.statuslist-out-of-force",
			VI: "Danh sách thu hồi không có hiệu lực tại thời điểm kiểm tra.",
			EN: "The status list is not in force at the time of the check."}}}
	}
	var counts [256]int
	for i := range list.Size() {
		v, _ := list.At(i)
		counts[v]++
	}
	for v, n := range counts {
		if n > 0 {
			a.Counts[status.Value(v).String()] = n
		}
	}
	return a, a.Valid
}
