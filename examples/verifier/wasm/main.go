//go:build js && wasm

// Command wasm is the verifier compiled for browsers: the same Go code that judges on a server, offline in a page.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"syscall/js"
	"time"

	"github.com/motcua/motcua/examples/verifier/judge"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/scan"
)

// app is the state of the page: one verifier, made by load.
type app struct{ verifier *qr.Verifier }

func main() {
	a := &app{}
	js.Global().Set("motcua", map[string]any{
		"load":  js.FuncOf(a.load),
		"judge": js.FuncOf(a.judge),
		"read":  js.FuncOf(a.read),
	})
	select {} // the page calls; the program never ends by itself
}

// load takes the trust file, the root pinned before ("" the first time), the least version of the list, and the status
// lists as a JSON array of base64, and answers {"root", "version"} or {"error"}.
func (a *app) load(_ js.Value, args []js.Value) any {
	return answer(func() (any, error) {
		if len(args) != 4 {
			return nil, errors.New("load(trust, root, version, status)")
		}
		trust := []byte(args[0].String())
		var file struct {
			Root string `json:"root"`
		}
		if err := json.Unmarshal(trust, &file); err != nil {
			return nil, err
		}
		if pinned := args[1].String(); pinned != "" && pinned != file.Root {
			return nil, errors.New("root")
		}
		list, err := qr.ParseTrustFile(trust)
		if err != nil {
			return nil, err
		}
		status, err := judge.Status(list, []byte(args[3].String()))
		if err != nil {
			return nil, err
		}
		verifier, err := qr.NewVerifier(list, qr.VerifyConfig{MinVersion: uint64(max(args[2].Int(), 0)), Status: status})
		if err != nil {
			return nil, err
		}
		a.verifier = verifier
		return map[string]any{"root": file.Root, "version": list.Version(), "issued": list.Issued()}, nil
	})
}

// judge takes a code's text and the language, and answers a judge.View.
func (a *app) judge(_ js.Value, args []js.Value) any {
	return answer(func() (any, error) {
		if a.verifier == nil || len(args) != 2 {
			return nil, errors.New("load first, then judge(text, lang)")
		}
		return judge.Judge(a.verifier, args[0].String(), args[1].String(), time.Now()), nil
	})
}

// read takes the bytes of a picture and answers the text of the first code in it.
func (a *app) read(_ js.Value, args []js.Value) any {
	return answer(func() (any, error) {
		if len(args) != 1 {
			return nil, errors.New("read(bytes)")
		}
		data := make([]byte, args[0].Get("length").Int())
		js.CopyBytesToGo(data, args[0])
		texts, err := scan.ReadImage(bytes.NewReader(data), scan.Config{})
		if errors.Is(err, scan.ErrNotFound) {
			return map[string]any{"found": false}, nil
		}
		if err != nil {
			return nil, err
		}
		return map[string]any{"found": true, "text": texts[0]}, nil
	})
}

// answer writes a result as JSON text; an error becomes {"error": …}.
func answer(f func() (any, error)) any {
	result, err := f()
	if err != nil {
		result = map[string]any{"error": err.Error()}
	}
	raw, err := json.Marshal(result)
	if err != nil {
		return `{"error":"encode"}`
	}
	return string(raw)
}
