package dossier

import (
	"encoding/json"
	"errors"
)

type anyObject struct{}

func compileForm(schema []byte) (formChecker, error) {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(schema, &head); err != nil {
		return nil, err
	}
	if head.Type != "object" {
		return nil, errors.New("type is not object")
	}
	return anyObject{}, nil
}

func (anyObject) check(form []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(form, &fields); err != nil {
		return &InvalidError{Field: "form", Rule: "a JSON object", Vi: "Dữ liệu biểu mẫu không đọc được."}
	}
	return nil
}
