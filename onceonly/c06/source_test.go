package c06_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/onceonly"
	"github.com/motcua/motcua/onceonly/auth"
	"github.com/motcua/motcua/onceonly/c06"
	"github.com/motcua/motcua/onceonly/onceonlytest"
)

func TestFetch(t *testing.T) {
	s := newSetup()
	asserted := time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)
	s.settings.Asserted = asserted
	st := start(t, s)
	all := st.source.Describe().Fields
	evidence, err := st.source.Fetch(context.Background(), query(t, "R1", all...))
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[onceonly.Field]string{
		onceonly.PersonalID: "001090000123", onceonly.OldIDNumber: "012345678", onceonly.FullName: "Nguyễn Trọng Nghĩa",
		onceonly.BirthDate: "1990-03-15", onceonly.Sex: "male", onceonly.Nationality: "VN", onceonly.Ethnicity: "01",
		onceonly.PermanentResidence: "Số 5 ngõ 12 phố Giả Định, phường Ba Đình, thành phố Hà Nội",
		onceonly.Father:             "Nguyễn Văn Hư", onceonly.Spouse: "Trần Thị Mỹ Vĩnh", onceonly.HouseholdHead: "",
		onceonly.HouseholdBook: "010203040",
	} {
		if got := evidence.Values[field].Reveal(); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
	place, ok := evidence.Values[onceonly.Hometown].Place()
	if !ok || place.Province != "25" || place.Commune != "08230" || place.District != "" || place.Country != "VN" {
		t.Error("hometown is not in its parts")
	}
	mother, ok := evidence.Values[onceonly.Mother].Person()
	if !ok || mother.PersonalID != "001163000222" || mother.Nationality != "VN" {
		t.Error("mother is not in her parts")
	}
	if !evidence.Asserted.Equal(asserted) || evidence.AnswerHash.String() == strings.Repeat("0", 64) {
		t.Errorf("asserted %v, hash %v", evidence.Asserted, evidence.AnswerHash)
	}
	got := st.register.Received()[0]
	if got.RequestID != "R1" || got.Procedure != "1.001193" || got.Integration != "037" || got.Unit != "H26.1" ||
		got.Officer != "CB0007" || got.Status != http.StatusOK {
		t.Errorf("the register received %+v", got)
	}
}

func TestFetchKeepsOnlyWhatWasAsked(t *testing.T) {
	st := start(t, newSetup())
	evidence, err := st.source.Fetch(context.Background(), query(t, "R1", onceonly.FullName, "person.unknown"))
	if err != nil || len(evidence.Values) != 1 {
		t.Fatalf("got %d values, %v; want the name alone", len(evidence.Values), err)
	}
}

// TestEndings walks every way the register can misbehave; none is taken for another.
func TestEndings(t *testing.T) {
	tests := []struct {
		name  string
		fault onceonlytest.Fault
		want  onceonly.Outcome
	}{
		{"outage", onceonlytest.Outage, onceonly.Outcome{Kind: onceonly.Unavailable, Ground: "http.503"}},
		{"broken connection", onceonlytest.Broken, onceonly.Outcome{Kind: onceonly.Unavailable}},
		{"hang", onceonlytest.Hang, onceonly.Outcome{Kind: onceonly.Timeout}},
		{"forbidden", onceonlytest.Forbidden, onceonly.Outcome{Kind: onceonly.Unauthorised, Ground: "http.403"}},
		{"unauthorised", onceonlytest.Unauthorised, onceonly.Outcome{Kind: onceonly.Unauthorised, Ground: "http.401"}},
		{"too many", onceonlytest.TooMany,
			onceonly.Outcome{Kind: onceonly.RateLimited, Ground: "http.429", RetryAfter: 30 * time.Second}},
		{"too many, no hint", onceonlytest.TooManyMute, onceonly.Outcome{Kind: onceonly.RateLimited, Ground: "http.429"}},
		{"redirect", onceonlytest.Redirected, onceonly.Outcome{Kind: onceonly.Malformed, Ground: "http.302"}},
		{"error page in 200", onceonlytest.ErrorPage, onceonly.Outcome{Kind: onceonly.Malformed}},
		{"server fault", onceonlytest.ServerFault, onceonly.Outcome{Kind: onceonly.Unavailable, Ground: "fault.Server"}},
		{"client fault", onceonlytest.ClientFault, onceonly.Outcome{Kind: onceonly.Refused, Ground: "fault.Client"}},
		{"odd fault", onceonlytest.OddFault, onceonly.Outcome{Kind: onceonly.Malformed, Ground: "fault.BCA.9999"}},
		{"nobody", onceonlytest.NobodyFound, onceonly.Outcome{Kind: onceonly.NotFound}},
		{"two", onceonlytest.TwoAnswers, onceonly.Outcome{Kind: onceonly.Ambiguous}},
		{"another person", onceonlytest.OtherPerson, onceonly.Outcome{Kind: onceonly.Mismatch, Ground: "number"}},
		{"another name", onceonlytest.OtherName, onceonly.Outcome{Kind: onceonly.Mismatch, Ground: "name"}},
		{"another birth", onceonlytest.OtherBirth, onceonly.Outcome{Kind: onceonly.Mismatch, Ground: "birth-date"}},
		{"cut list", onceonlytest.CutList, onceonly.Outcome{Kind: onceonly.Malformed}},
		{"cut XML", onceonlytest.MalformedXML, onceonly.Outcome{Kind: onceonly.Malformed}},
		{"document type", onceonlytest.Doctype, onceonly.Outcome{Kind: onceonly.Malformed}},
		{"foreign name space", onceonlytest.OtherSpace, onceonly.Outcome{Kind: onceonly.Malformed}},
		{"element twice", onceonlytest.Twice, onceonly.Outcome{Kind: onceonly.Malformed}},
		{"deep", onceonlytest.Deep, onceonly.Outcome{Kind: onceonly.Malformed}},
		{"huge", onceonlytest.HugeBody, onceonly.Outcome{Kind: onceonly.Malformed, Ground: "too-large"}},
	}
	st := start(t, newSetup())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st.register.Fail(tt.fault)
			ctx := context.Background()
			if tt.fault == onceonlytest.Hang {
				short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
				defer cancel()
				ctx = short
			}
			evidence, err := st.source.Fetch(ctx, query(t, tt.name, onceonly.FullName))
			var failed *onceonly.SourceError
			if !errors.As(err, &failed) || failed.Outcome != tt.want || len(evidence.Values) != 0 {
				t.Fatalf("got %v, want %+v", err, tt.want)
			}
			for _, canary := range []string{"Nghĩa", "NGHIA", "001090000123", "19900315"} {
				if strings.Contains(err.Error(), canary) {
					t.Errorf("the error holds personal data: %v", err)
				}
			}
		})
	}
}

func TestGoodAnswersInOtherClothes(t *testing.T) {
	st := start(t, newSetup())
	for name, fault := range map[string]onceonlytest.Fault{"other prefixes": onceonlytest.OtherPrefix,
		"decomposed": onceonlytest.Decomposed, "whole name in Ten": onceonlytest.WholeName} {
		st.register.Fail(fault)
		evidence, err := st.source.Fetch(context.Background(), query(t, name, onceonly.FullName))
		if err != nil || evidence.Values[onceonly.FullName].Reveal() != "Nguyễn Trọng Nghĩa" {
			t.Errorf("%s: got %q, %v", name, evidence.Values[onceonly.FullName].Reveal(), err)
		}
	}
}

func TestConnectionRefused(t *testing.T) {
	st := start(t, newSetup())
	st.server.Close()
	_, err := st.source.Fetch(context.Background(), query(t, "R1", onceonly.FullName))
	var failed *onceonly.SourceError
	if !errors.As(err, &failed) || failed.Outcome.Kind != onceonly.Unavailable {
		t.Fatalf("got %v", err)
	}
}

func TestSubjects(t *testing.T) {
	st := start(t, newSetup())
	tests := []struct {
		name    string
		subject identity.Subject
		kind    onceonly.Kind
		born    string
	}{
		{"year only on both sides", subject(t, "025052000789", "Lê Văn Sáu", "1952"), onceonly.Fetched, "1952"},
		{"year only in the register", subject(t, "025052000789", "Lê Văn Sáu", "1952-04-01"), onceonly.Fetched, "1952"},
		{"year only asked", subject(t, "001188000456", "Trần Thị Mỹ Vĩnh", "1988"), onceonly.Fetched, "1988-11-02"},
		{"tone mark elsewhere", subject(t, "079195000321", "Phạm Hòa Bình", "1995-07-20"), onceonly.Fetched, "1995-07-20"},
		{"unknown number", subject(t, "001090000999", "Nguyễn Trọng Nghĩa", "1990-03-15"), onceonly.NotFound, ""},
		{"wrong name", subject(t, "001090000123", "Nguyễn Trọng Nhân", "1990-03-15"), onceonly.NotFound, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := query(t, strings.ReplaceAll(tt.name, " ", "-"), onceonly.BirthDate)
			q.Subject = tt.subject
			evidence, err := st.source.Fetch(context.Background(), q)
			kind := onceonly.Fetched
			var failed *onceonly.SourceError
			if errors.As(err, &failed) {
				kind = failed.Outcome.Kind
			}
			if kind != tt.kind || evidence.Values[onceonly.BirthDate].Reveal() != tt.born {
				t.Fatalf("got %s, %q", kind, evidence.Values[onceonly.BirthDate].Reveal())
			}
		})
	}
}

func TestDialects(t *testing.T) {
	tests := []struct {
		name   string
		change func(*setup)
		want   onceonly.Kind
	}{
		{"text birth, name as is, seconds", func(s *setup) {
			s.settings.Birth, s.settings.Unit = onceonlytest.BirthText, onceonlytest.Seconds
			s.dialect.Birth, s.dialect.Name, s.unit = c06.BirthText, c06.NameAsIs, auth.Seconds
		}, onceonly.Fetched},
		{"no unit, joined name, an action", func(s *setup) {
			s.settings.OmitUnit, s.dialect.OmitUnit = true, true
			s.dialect.Name, s.dialect.SOAPAction = c06.NameJoined, "urn:tra-cuu"
		}, onceonly.Fetched},
		{"wrong secret", func(s *setup) { s.secret = "khác" }, onceonly.Unauthorised},
		{"wrong unit of time", func(s *setup) { s.unit = auth.Seconds }, onceonly.Unauthorised},
		{"wrong form of birth", func(s *setup) { s.dialect.Birth = c06.BirthText }, onceonly.Refused},
		{"unit left out", func(s *setup) { s.dialect.OmitUnit = true }, onceonly.Refused},
		{"wrong service number", func(s *setup) { s.dialect.Integration = "003" }, onceonly.Refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSetup()
			tt.change(&s)
			_, err := start(t, s).source.Fetch(context.Background(), query(t, "R1", onceonly.FullName))
			var failed *onceonly.SourceError
			switch {
			case tt.want == onceonly.Fetched && err != nil, tt.want != onceonly.Fetched && !errors.As(err, &failed):
				t.Fatal(err)
			case failed != nil && failed.Outcome.Kind != tt.want:
				t.Fatalf("got %s, want %s", failed.Outcome.Kind, tt.want)
			}
		})
	}
}

func TestRetries(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fault   onceonlytest.Fault
		retries int
		want    int
	}{
		{"none by default", onceonlytest.Outage, 0, 1}, {"an outage", onceonlytest.Outage, 2, 3},
		{"a broken connection", onceonlytest.Broken, 1, 2}, {"never after an answer", onceonlytest.NobodyFound, 3, 1},
		{"never after a refusal", onceonlytest.TooMany, 3, 1}, {"never after a fault", onceonlytest.ServerFault, 3, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSetup()
			s.cfg.Retries, s.cfg.RetryWait = tt.retries, time.Millisecond
			st := start(t, s)
			st.register.Fail(tt.fault)
			if _, err := st.source.Fetch(context.Background(), query(t, "R1", onceonly.FullName)); err == nil {
				t.Fatal("want an error")
			}
			if got := len(st.register.Received()); got != tt.want {
				t.Fatalf("%d requests, want %d", got, tt.want)
			}
		})
	}
}

// relapsing is an authenticator whose first credentials are stale.
type relapsing struct {
	onceonly.Authenticator
	forgotten atomic.Int64
}

func (r *relapsing) Authenticate(ctx context.Context, req *http.Request) error {
	if r.forgotten.Load() == 0 {
		req.Header.Set("Authorization", "Bearer stale")
		return nil
	}
	return r.Authenticator.Authenticate(ctx, req)
}

func (r *relapsing) Forget() { r.forgotten.Add(1) }

func TestFreshCredentialsOnce(t *testing.T) {
	st := start(t, newSetup())
	login, err := auth.NewTimestamped("qnm", secret, auth.Milliseconds, auth.Config{})
	if err != nil {
		t.Fatal(err)
	}
	stale := &relapsing{Authenticator: login}
	source, err := c06.New(st.server.URL+"/x", c06.SeenDialect("037"), stale, newSetup().cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := source.Fetch(context.Background(), query(t, "R1", onceonly.FullName)); err != nil {
		t.Fatal(err)
	}
	st.register.Fail(onceonlytest.Unauthorised)
	before := len(st.register.Received())
	if _, err := source.Fetch(context.Background(), query(t, "R2", onceonly.FullName)); err == nil {
		t.Fatal("want unauthorised")
	}
	if got := len(st.register.Received()) - before; got != 2 || stale.forgotten.Load() != 2 {
		t.Fatalf("%d requests, forgotten %d times in all; want 2 and 2", got, stale.forgotten.Load())
	}
}

func TestCancel(t *testing.T) {
	st := start(t, newSetup())
	st.register.Fail(onceonlytest.Hang)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := st.source.Fetch(ctx, query(t, "R1", onceonly.FullName))
	var failed *onceonly.SourceError
	if !errors.As(err, &failed) || failed.Outcome.Kind != onceonly.Cancelled || !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestCheckQuery(t *testing.T) {
	st := start(t, newSetup())
	for _, tt := range []struct {
		name   string
		change func(*onceonly.Query)
		code   string
	}{
		{"no number", func(q *onceonly.Query) { q.Subject.Person = identity.PersonID{} }, "lookup.subject.person"},
		{"no name", func(q *onceonly.Query) { q.Subject.Name = identity.Name{} }, "lookup.subject.name"},
		{"no birth date", func(q *onceonly.Query) { q.Subject.BirthDate = identity.BirthDate{} }, "lookup.subject.birthdate"},
		{"procedure too long", func(q *onceonly.Query) { q.Procedure = strings.Repeat("1", 21) }, "lookup.procedure.form"},
		{"unit too long", func(q *onceonly.Query) { q.Actor.Unit = strings.Repeat("H", 36) }, "lookup.actor.unit"},
		{"account too long", func(q *onceonly.Query) { q.Actor.Account = strings.Repeat("H", 21) }, "lookup.actor.account"},
		{"request id too long", func(q *onceonly.Query) { q.RequestID = strings.Repeat("R", 39) }, "lookup.request.form"},
	} {
		q := query(t, "R1", onceonly.FullName)
		tt.change(&q)
		_, err := st.source.Fetch(context.Background(), q)
		var refused *onceonly.RequestError
		if !errors.As(err, &refused) || refused.Code() != tt.code {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	if len(st.register.Received()) != 0 {
		t.Error("something was sent")
	}
}

func TestNewRefuses(t *testing.T) {
	login, err := auth.NewBearer("x")
	if err != nil {
		t.Fatal(err)
	}
	good := c06.SeenDialect("037")
	with := func(change func(*c06.Dialect)) c06.Dialect { d := good; change(&d); return d }
	for name, err := range map[string]error{
		"no endpoint":       second(c06.New("", good, login, c06.Config{})),
		"other scheme":      second(c06.New("ftp://x/", good, login, c06.Config{})),
		"credentials in it": second(c06.New("https://a:b@x/", good, login, c06.Config{})),
		"no authenticator":  second(c06.New("https://x/", good, nil, c06.Config{})),
		"zero dialect":      second(c06.New("https://x/", c06.Dialect{}, login, c06.Config{})),
		"service number":    second(c06.New("https://x/", c06.SeenDialect("o37"), login, c06.Config{})),
		"no birth form":     second(c06.New("https://x/", with(func(d *c06.Dialect) { d.Birth = 0 }), login, c06.Config{})),
		"no name form":      second(c06.New("https://x/", with(func(d *c06.Dialect) { d.Name = 0 }), login, c06.Config{})),
		"no codes of sex":   second(c06.New("https://x/", with(func(d *c06.Dialect) { d.Sex = nil }), login, c06.Config{})),
		"action": second(c06.New("https://x/", with(func(d *c06.Dialect) { d.SOAPAction = "a\"\r\nX: y" }), login,
			c06.Config{})),
		"a fault as success": second(c06.New("https://x/", with(func(d *c06.Dialect) {
			d.Faults = map[string]onceonly.Kind{"Server": onceonly.NotFound}
		}), login, c06.Config{})),
		"many retries": second(c06.New("https://x/", good, login, c06.Config{Retries: 4})),
	} {
		if !errors.Is(err, c06.ErrConfig) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
