package office

import (
	"encoding/json"
	"fmt"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/paper"
)

// resultPlan says which answers of a form a procedure's result states, and under which label. It is data of the agency
// (results.json): what a document says is the agency's to decide, not the form's.
type resultPlan struct {
	Subtitle string `json:"subtitle"`
	Grounds  string `json:"grounds"`
	Validity string `json:"validity"`
	Scope    string `json:"scope"`
	// Past are the dates of the form that cannot lie ahead.
	Past   []string `json:"past"`
	Fields []struct {
		Field string `json:"field"`
		Label string `json:"label"`
	} `json:"fields"`
}

// readResults reads results.json by procedure code.
func readResults() (map[string]resultPlan, error) {
	raw, err := content.ReadFile("results.json")
	if err != nil {
		return nil, err
	}
	var plans map[string]resultPlan
	if err := json.Unmarshal(raw, &plans); err != nil {
		return nil, fmt.Errorf("results.json: %w", err)
	}
	return plans, nil
}

// resultFields are the lines of a dossier's result.
func (o *Office) resultFields(d *dossier.Dossier, plan resultPlan) ([]paper.Field, error) {
	rows, err := o.filedRows("vi", d)
	if err != nil {
		return nil, err
	}
	values := make(map[string]string)
	for _, row := range rows {
		values[row.ID] = row.Value
	}
	var fields []paper.Field
	for _, f := range plan.Fields {
		if values[f.Field] != "" {
			fields = append(fields, paper.Field{Label: f.Label, Value: values[f.Field]})
		}
	}
	return fields, nil
}
