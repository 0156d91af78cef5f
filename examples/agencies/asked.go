package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
)

// asked is the ward that is consulted. It keeps a register of requests for its opinion.
type asked struct {
	*agency
	url, key string // where questions are fetched, and with what
	client   http.Client
	received chan struct{}
}

func newAsked(a *agency, url, key string) *asked {
	return &asked{agency: a, url: url, key: key, client: http.Client{Timeout: 5 * time.Second},
		received: make(chan struct{}, 1)}
}

// hear enters a question put to this ward into the register, with its words in the private half. The event's identity
// is the key of the append: heard again, it changes nothing.
func (w *asked) hear(ctx context.Context, e jetstream.Event) error {
	q, err := readQuestion(e)
	if err != nil {
		return err
	}
	if q.Detail.Unit != w.id {
		return nil
	}
	w.tell(w.name, "nhận sự kiện "+e.ID()+" "+e.Kind, "hồ sơ "+q.Summary.Code.String()+", trả lời trước hết ngày "+
		q.Detail.DueAfter.In(vietnam).Format("02/01/2006"))
	words, err := w.fetch(ctx, q.Summary.ID, e.Seq)
	if err != nil {
		return err
	}
	stream, err := consultStream(q.Summary.ID, e.Seq)
	if err != nil {
		return err
	}
	body, err := journal.EncodeBody(map[string]any{"from": e.Source.String(), "dossier": q.Summary.ID, "version": e.Seq,
		"due": q.Detail.DueAfter, "procedure": q.Summary.Procedure})
	if err != nil {
		return err
	}
	_, err = w.journal.Append(ctx, stream, 0, journal.Fact{
		Kind: "consult.received", Actor: "inbox", At: w.Now(), Body: body,
		Private: []byte(words), Subject: q.Summary.Applicant, Command: e.Command(),
		Keys: []journal.Key{{Name: "consult.open", Value: "yes", Sort: q.Detail.DueAfter.Unix()}},
	})
	if err != nil {
		return err
	}
	w.tell(w.name, "lấy nội dung câu hỏi từ "+e.Source.String()+" và vào sổ theo dõi", "“"+words+"”")
	arrive(w.received)
	return nil
}

// fetch asks the asking agency for the words.
func (w *asked) fetch(ctx context.Context, id dossier.ID, version int64) (string, error) {
	url := fmt.Sprintf("%s/consults/%s/%d", w.url, id, version)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+w.key)
	response, err := w.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	words, err := io.ReadAll(io.LimitReader(response.Body, 16<<10))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("fetch question: %s", response.Status)
	}
	return string(words), err
}

// answer writes down the opinion; the relay tells whoever asked.
func (w *asked) answer(ctx context.Context, stream journal.Stream, a answer) error {
	records, err := journal.Load(ctx, w.journal, stream)
	if err != nil {
		return err
	}
	body, err := journal.EncodeBody(a)
	if err != nil {
		return err
	}
	_, err = w.journal.Append(ctx, stream, int64(len(records)),
		journal.Fact{Kind: answered, Actor: "specialist-12", At: w.Now(), Body: body, Keys: []journal.Key{}})
	if err != nil {
		return err
	}
	w.tell(w.name, "trả lời bằng văn bản số "+a.Document, a.Outcome.text())
	return nil
}

// next returns the question that is due first of those nobody has answered.
func (w *asked) next(ctx context.Context) (journal.Stream, error) {
	page, err := w.journal.Find(ctx, journal.Query{Name: "consult.open", Value: "yes", Limit: 1})
	if err != nil {
		return journal.Stream{}, err
	}
	if len(page.Hits) == 0 {
		return journal.Stream{}, errors.New("no question is open")
	}
	return page.Hits[0].Head.Stream, nil
}
