package privacy_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/privacy"
)

func form(t testing.TB) privacy.Form {
	return privacy.Form{
		Purpose: purpose(t, "notice"), Controller: "Ủy ban nhân dân phường Ví Dụ", Version: "1",
		Text: "Chúng tôi dùng số điện thoại và thư điện tử của bạn để báo tình trạng hồ sơ. Bạn có thể rút lại bất cứ lúc nào.",
	}
}

func TestConsent(t *testing.T) {
	me := pseudonym(t, "me")
	tests := []struct {
		name   string
		form   func(*privacy.Form)
		change func(*privacy.Agreement)
		code   string
	}{
		{"ticked", nil, func(*privacy.Agreement) {}, ""},
		{"nothing ticked", nil, func(a *privacy.Agreement) { a.Ticked = nil }, "consent.not-ticked"},
		{"an item of another purpose", nil, func(a *privacy.Agreement) { a.Ticked = []string{"face"} }, "purpose.item"},
		{"another text", nil, func(a *privacy.Agreement) { a.Digest = strings.Repeat("0", 64) }, "consent.text"},
		{"no text", func(f *privacy.Form) { f.Text = " " }, func(*privacy.Agreement) {}, "consent.text"},
		{"no controller", func(f *privacy.Form) { f.Controller = "" }, func(*privacy.Agreement) {}, "consent.text"},
		{"nobody", nil, func(a *privacy.Agreement) { a.Subject = identity.Pseudonym{} }, "consent.party"},
		{"by silence", nil, func(a *privacy.Agreement) { a.Method = "silence" }, "consent.method"},
		{"signed without a signature", nil, func(a *privacy.Agreement) { a.Method = privacy.Signed }, "consent.method"},
		{"over before it begins", func(f *privacy.Form) { f.Until = now }, func(*privacy.Agreement) {}, "consent.expired"},
		{"what the law orders", func(f *privacy.Form) { f.Purpose = purpose(t, "dossier") }, func(*privacy.Agreement) {}, "consent.not-needed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := form(t)
			if tt.form != nil {
				tt.form(&f)
			}
			a := privacy.Agreement{Subject: me, Ticked: []string{"phone"}, Digest: f.Digest(), Method: privacy.Ticked, At: now}
			tt.change(&a)
			c, err := f.Agree(a)
			checkCode(t, err, tt.code)
			if (err == nil) != (c.ID != "") {
				t.Error("a record without consent")
			}
		})
	}
}

func TestConsentCoversAndEnds(t *testing.T) {
	me, you := pseudonym(t, "me"), pseudonym(t, "you")
	f := form(t)
	f.Until = now.AddDate(1, 0, 0)
	c, err := f.Agree(privacy.Agreement{Subject: me, Ticked: []string{"phone", "phone"}, Digest: f.Digest(), Method: privacy.Ticked, At: now})
	checkCode(t, err, "")
	later := now.Add(time.Hour)
	checkCode(t, c.Covers(later, me, "notice", "phone"), "")
	checkCode(t, c.Covers(later, me, "notice", "phone", "email"), "consent.other")
	checkCode(t, c.Covers(later, me, "notice"), "consent.other")
	checkCode(t, c.Covers(later, me, "advertising", "phone"), "consent.other")
	checkCode(t, c.Covers(later, you, "notice", "phone"), "consent.other")
	checkCode(t, c.Covers(now.Add(-1), me, "notice", "phone"), "consent.expired")
	checkCode(t, c.Covers(f.Until, me, "notice", "phone"), "consent.expired")
	checkCode(t, (privacy.Consent{}).Covers(now, me, "notice", "phone"), "consent.missing")
	_, err = c.Withdraw(later, you)
	checkCode(t, err, "consent.party")
	gone, err := c.Withdraw(later, me)
	checkCode(t, err, "")
	checkCode(t, gone.Covers(later, me, "notice", "phone"), "consent.withdrawn")
	checkCode(t, gone.Covers(later.Add(-1), me, "notice", "phone"), "")
	again, err := gone.Withdraw(later.Add(time.Hour), me)
	if checkCode(t, err, ""); !again.Withdrawn.Equal(later) {
		t.Error("withdrawn twice")
	}
	raw, err := json.Marshal(gone)
	var back privacy.Consent
	if err != nil || json.Unmarshal(raw, &back) != nil || back.Covers(later, me, "notice", "phone") == nil {
		t.Errorf("%s does not read back", raw)
	}
}

func TestBreach(t *testing.T) {
	purposes, err1 := privacy.Standard()
	law, err2 := privacy.StandardDeadlines()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	seen := privacy.Breach{FirstSeen: now, Kind: "disclosed", Items: []string{"phone", "card-image"}, Cause: "wrong recipient",
		Affected: []identity.Pseudonym{pseudonym(t, "me"), pseudonym(t, "you")}, Notified: now}
	b, err := privacy.OpenBreach(seen, purposes, law)
	checkCode(t, err, "")
	if !b.NotifyBy.Equal(now.Add(72*time.Hour)) || !b.Provisional || b.Count != 2 || !b.Notified.IsZero() ||
		!slices.Equal(b.Sensitive, []string{"card-image"}) {
		t.Errorf("%+v", b)
	}
	if b.Overdue(b.NotifyBy) || !b.Overdue(b.NotifyBy.Add(1)) {
		t.Error("the last moment is not the last")
	}
	_, err = b.Notify(now.Add(-1), pseudonym(t, "officer"))
	checkCode(t, err, "breach.time")
	told, err := b.Notify(now.Add(73*time.Hour), pseudonym(t, "officer"))
	if checkCode(t, err, ""); !told.Late || told.Overdue(now.AddDate(1, 0, 0)) {
		t.Errorf("%+v", told)
	}
	_, err = told.Notify(now.Add(74*time.Hour), pseudonym(t, "officer"))
	checkCode(t, err, "breach.notified")
	for _, change := range []func(*privacy.Breach){
		func(b *privacy.Breach) { b.Kind = "odd" }, func(b *privacy.Breach) { b.Items = nil },
		func(b *privacy.Breach) { b.Items = []string{"soul"} }, func(b *privacy.Breach) { b.Cause = "" },
	} {
		bad := seen
		change(&bad)
		_, err := privacy.OpenBreach(bad, purposes, law)
		checkCode(t, err, "breach.fields")
	}
	raw, err := told.Report()
	if err != nil || !json.Valid(raw) || !strings.Contains(string(raw), `"late": true`) {
		t.Errorf("%s, %v", raw, err)
	}
}
