package outside

import (
	"os"
	"path/filepath"

	"github.com/motcua/motcua/journal/audit"
)

// The names of the journal's Merkle log and of the witness who cosigns its checkpoints.
const (
	LogName     = "motcua.example.vn/so-theo-doi"
	WitnessName = "nhan-chung.example.vn/minh-hoa"
)

// makeLogKeys makes the secrets of the log and of its witness. In an agency the log's would be in an HSM, and the witness
// somebody else altogether.
func makeLogKeys(dir string) error {
	for _, key := range []struct{ file, name string }{{"log.key", LogName}, {"witness.key", WitnessName}} {
		secret, err := audit.NewSecret(key.name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, key.file), []byte(secret), 0o600); err != nil {
			return err
		}
	}
	return nil
}
