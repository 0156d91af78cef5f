package main

import (
	"context"
	"crypto/subtle"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
)

//go:embed procedure.json
var procedure string

// asking is the ward that has the dossier.
type asking struct {
	*agency
	desk *dossier.Desk
	// keys are what other agencies prove themselves with when they fetch a question.
	keys    map[dossier.AgencyID]string
	entered chan struct{} // an opinion is in the dossier
}

func newAsking(a *agency, keys map[dossier.AgencyID]string) (*asking, error) {
	p, err := dossier.ReadProcedure("procedure.json", strings.NewReader(procedure))
	if err != nil {
		return nil, err
	}
	catalogue, err := dossier.NewCatalogue(p)
	if err != nil {
		return nil, err
	}
	desk, err := dossier.NewDesk(a.journal, catalogue, dossier.Config{Now: a.Now})
	return &asking{agency: a, desk: desk, keys: keys, entered: make(chan struct{}, 1)}, err
}

// file takes the dossier in and brings it to the desk of a specialist.
func (w *asking) file(ctx context.Context) (*dossier.Dossier, error) {
	name, err := identity.ParseName("Trần Thị Mỹ Vĩnh")
	if err != nil {
		return nil, err
	}
	code, err := dossier.ParseProcedureCode("1.004873")
	if err != nil {
		return nil, err
	}
	officer := dossier.Actor{ID: "officer-7", Role: dossier.Officer, Unit: w.id}
	var d *dossier.Dossier
	for _, c := range []dossier.Command{
		{Act: dossier.File, Actor: dossier.Actor{ID: "p-vinh", Role: dossier.Applicant}, Filing: &dossier.Filing{
			Procedure: code, Agency: w.id, Channel: dossier.Online, Owner: dossier.Party{Pseudonym: "p-vinh", Name: name},
			Form: dossier.NewPersonal(`{"purpose": "Đăng ký kết hôn", "formerResidence": "Phường Minh Họa, tỉnh Ví Dụ"}`)}},
		{Act: dossier.Accept, Actor: officer},
		{Act: dossier.Assign, Actor: officer, Officer: "specialist-3"},
	} {
		c.Key = "story-" + string(c.Act)
		if d != nil {
			c.Dossier, c.Seen = d.ID, d.Version
		}
		if d, err = w.desk.Do(ctx, c); err != nil {
			return nil, err
		}
		w.tell(w.name, c.Act.Label("vi"), "căn cứ: "+d.History[len(d.History)-1].Law.String())
	}
	return d, nil
}

// consult asks another agency.
func (w *asking) consult(ctx context.Context, d *dossier.Dossier, whom dossier.AgencyID) (*dossier.Dossier, error) {
	d, err := w.desk.Do(ctx, dossier.Command{Key: "story-consult", Dossier: d.ID, Seen: d.Version, Act: dossier.Consult,
		Actor: w.specialist(), Unit: whom, Due: dossier.DayOf(w.Now().AddDate(0, 0, 2)),
		Reason: dossier.NewPersonal("Đề nghị xác minh tình trạng hôn nhân của bà Trần Thị Mỹ Vĩnh " +
			"trong thời gian cư trú tại phường.")})
	if err == nil {
		w.tell(w.name, "lấy ý kiến của "+whom.String()+" về hồ sơ "+d.Code.String(),
			"căn cứ: "+d.History[len(d.History)-1].Law.String(),
			"nội dung câu hỏi ở lại trong nửa riêng tư của sổ; sự kiện chỉ mang mã và thời hạn")
	}
	return d, err
}

func (w *asking) specialist() dossier.Actor {
	return dossier.Actor{ID: "specialist-3", Role: dossier.Specialist, Unit: w.id}
}

// hear enters an opinion that another agency has given. The event's identity is the command's key: heard again, it
// changes nothing.
func (w *asking) hear(ctx context.Context, e jetstream.Event) error {
	var a answer
	if err := json.Unmarshal(e.Body, &a); err != nil {
		return err
	}
	if a.To != w.id {
		return nil
	}
	d, err := w.desk.Get(ctx, a.Dossier)
	if err != nil {
		return err
	}
	before := d.Version
	if !wasAsked(d, a.Version, e.Source) {
		return fmt.Errorf("%s was not asked", e.Source)
	}
	d, err = w.desk.Do(ctx, dossier.Command{Key: e.ID(), Dossier: d.ID, Seen: d.Version, Act: dossier.Opinion,
		Actor: w.specialist(), Reason: dossier.NewPersonal(fmt.Sprintf("%s (Văn bản số %s)", a.Outcome.text(), a.Document))})
	if err != nil {
		return err
	}
	if d.Version == before {
		w.tell(w.name, "nhận lại sự kiện "+e.ID(), "khóa lệnh đã dùng: hồ sơ không thay đổi")
	} else {
		w.tell(w.name, "nhận ý kiến "+e.ID()+", ghi vào hồ sơ", d.History[d.Version-1].Reason.Reveal(),
			fmt.Sprintf("trạng thái %d: %s, còn %d ý kiến đang chờ", d.State, d.State.Label("vi"), d.OpenConsults))
	}
	arrive(w.entered)
	return nil
}

// wasAsked reports whether the dossier's fact of that number consults the agency.
func wasAsked(d *dossier.Dossier, version int64, whom jetstream.Source) bool {
	if version < 1 || version > int64(len(d.History)) {
		return false
	}
	asked := d.History[version-1]
	return asked.Act == dossier.Consult && asked.Unit.String() == whom.String()
}

// ServeHTTP gives the agency that was asked the words of the question, GET /consults/{dossier}/{version}, and records
// that it did, first.
func (w *asking) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	who, ok := w.caller(r)
	if !ok {
		http.Error(rw, "unknown agency", http.StatusUnauthorized)
		return
	}
	words, err := w.reveal(r.Context(), who, r.PathValue("dossier"), r.PathValue("version"))
	switch {
	case errors.Is(err, dossier.ErrNotFound):
		http.NotFound(rw, r)
	case err != nil:
		http.Error(rw, "not now", http.StatusServiceUnavailable)
	default:
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprint(rw, words)
	}
}

// caller tells who asks from the key of the request.
func (w *asking) caller(r *http.Request) (dossier.AgencyID, bool) {
	given := []byte(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	for id, key := range w.keys {
		if subtle.ConstantTimeCompare(given, []byte(key)) == 1 {
			return id, true
		}
	}
	return dossier.AgencyID{}, false
}

// reveal returns a question to whom it was put. Anybody else hears that there is none.
func (w *asking) reveal(ctx context.Context, who dossier.AgencyID, dossierID, version string) (string, error) {
	missing := &dossier.NotFoundError{What: "dossier", Key: dossierID}
	id, err := dossier.ParseID(dossierID)
	if err != nil {
		return "", missing
	}
	number, err := strconv.ParseInt(version, 10, 64)
	if err != nil {
		return "", missing
	}
	d, err := w.desk.Get(ctx, id)
	if err != nil {
		return "", err
	}
	source, err := jetstream.ParseSource(who.String())
	if err != nil || !wasAsked(d, number, source) {
		return "", missing
	}
	if err := w.recordReading(ctx, who, d, number); err != nil {
		return "", err
	}
	return d.History[number-1].Reason.Reveal(), nil
}

// recordReading keeps who was given personal data, of whom and when (Decree 278/2025/NĐ-CP).
func (w *asking) recordReading(ctx context.Context, who dossier.AgencyID, d *dossier.Dossier, version int64) error {
	stream, err := consultStream(d.ID, version)
	if err != nil {
		return err
	}
	records, err := journal.Load(ctx, w.journal, stream)
	if err != nil {
		return err
	}
	body, err := journal.EncodeBody(map[string]any{"dossier": d.ID, "version": version, "by": who, "owner": d.Applicant})
	if err != nil {
		return err
	}
	_, err = w.journal.Append(ctx, stream, int64(len(records)),
		journal.Fact{Kind: "consult.read", Actor: who.String(), At: w.Now(), Body: body})
	return err
}
