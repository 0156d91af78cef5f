package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
)

// The kinds of facts the two agencies exchange.
const (
	consulted = "dossier.consulted" // the Desk's own
	answered  = "consult.answered"  // of the register of requests for opinions
)

// question is the part of a dossier.consulted body that the consulted agency needs.
type question struct {
	Summary dossier.Summary `json:"summary"`
	Detail  struct {
		Unit     dossier.AgencyID `json:"unit"`
		DueAfter time.Time        `json:"dueAfter"`
	} `json:"detail"`
}

func readQuestion(e jetstream.Event) (q question, err error) {
	if err = json.Unmarshal(e.Body, &q); err == nil && q.Summary.ID.String() != e.Stream.ID() {
		err = fmt.Errorf("%s: not about its own dossier", e.ID())
	}
	return q, err
}

// outcome is what an opinion says, as a code: the words of it stay where the papers are.
type outcome string

const (
	noMarriage outcome = "no-marriage"
	marriage   outcome = "marriage"
)

func (o outcome) text() string {
	switch o {
	case noMarriage:
		return "Trong thời gian cư trú tại địa phương, không có thông tin đăng ký kết hôn."
	case marriage:
		return "Trong thời gian cư trú tại địa phương, có đăng ký kết hôn."
	}
	return ""
}

// answer is the body of consult.answered.
type answer struct {
	To       dossier.AgencyID `json:"to"`
	Dossier  dossier.ID       `json:"dossier"`
	Version  int64            `json:"version"` // of the dossier, when it asked
	Outcome  outcome          `json:"outcome"`
	Document string           `json:"document"` // the number of the reply in the answering agency's books
}

// consultStream names the register's entry about one question, at the agency that asks and at the one that is asked.
func consultStream(id dossier.ID, version int64) (journal.Stream, error) {
	return journal.ParseStream(fmt.Sprintf("consult/%s.%d", id, version))
}

// listenerName is an agency's name as a listener.
func listenerName(id dossier.AgencyID) string { return strings.ReplaceAll(id.String(), ".", "_") }
