package seal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/seal"
)

func TestKeyHidesItself(t *testing.T) {
	raw := []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345")
	key := must(seal.NewKey(seal.KeyID{1}, raw))(t)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", key, "in", struct{ K seal.Key }{key})
	coded := must(json.Marshal(map[string]any{"k": key}))(t)
	shown := fmt.Sprintf("%v %+v %#v %s %q %x %d", key, key, key, key, key, key, struct{ K seal.Key }{key}) + log.String() +
		string(coded) + key.String()
	for _, leak := range []string{"ABCD", "4142", "65 66", "QUJD", "0x41"} {
		if strings.Contains(shown, leak) {
			t.Errorf("%q shows in %s", leak, shown)
		}
	}
	if !bytes.Equal(key.Reveal(), raw) || key.ID() != (seal.KeyID{1}) {
		t.Error("the key is not the one it was made of")
	}
	for _, bad := range [][]byte{nil, raw[:31], append(raw, 0)} {
		if _, err := seal.NewKey(seal.KeyID{1}, bad); err == nil {
			t.Errorf("%d bytes are a key", len(bad))
		}
	}
	if _, err := seal.NewKey(seal.KeyID{}, raw); err == nil {
		t.Error("a key without an ID")
	}
}

func FuzzParseKeyID(f *testing.F) {
	f.Add("000102030405060708090a0b0c0d0e0f")
	f.Add("000102030405060708090A0B0C0D0E0F")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := seal.ParseKeyID(text)
		if err == nil && id.String() != text || err != nil && id != (seal.KeyID{}) {
			t.Errorf("%q: got %s, %v", text, id, err)
		}
	})
}

// FuzzEnvelope reads whatever may stand where a sealed half should: it is refused, or it is the half that was sealed.
func FuzzEnvelope(f *testing.F) {
	keys, below := newSafe(f), journal.NewMemory()
	j := sealed(f, below, keys)
	fact := filed(1, nghia, secret)
	envelope := mustAppend(f, j, "dossier/1", 0, fact)[0].Sealed
	f.Add(envelope)
	f.Add(envelope[:seal.Overhead])
	f.Add([]byte(secret))
	f.Add([]byte("\x01msl"))
	f.Fuzz(func(t *testing.T, half []byte) {
		forged := journal.NewMemory()
		stored := fact
		stored.Private = half
		mustAppend(t, forged, "dossier/1", 0, stored)
		records, err := journal.Load(t.Context(), sealed(t, forged, keys), stream(t, "dossier/1"))
		switch {
		case err != nil:
			if bytes.Equal(half, envelope) {
				t.Errorf("the sealed half does not open: %v", err)
			}
		case len(half) == 0 && records[0].Private == nil && !records[0].IsErased():
		case !bytes.Equal(half, envelope) || string(records[0].Private) != secret:
			t.Errorf("%x was opened", half)
		}
	})
}
