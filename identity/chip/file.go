package chip

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// File is an elementary file of the chip's application, by its short identifier (Doc 9303-10, table 36).
type File int

// The files that are read here. DG3 and DG4 (fingers, irises) are given out to authorised terminals only, and nothing here
// asks for them.
const (
	DG1  File = 1    // machine-readable zone
	DG2  File = 2    // portrait
	DG13 File = 13   // what a State adds: on Vietnamese cards the details printed on them
	DG14 File = 14   // keys and algorithms of the chip
	DG15 File = 15   // key of active authentication
	SOD  File = 0x1d // the signed hashes of all others
	COM  File = 0x1e // list of what is there; not signed
)

// String returns "DG1", "SOD" or "COM".
func (f File) String() string {
	switch {
	case f == SOD:
		return "SOD"
	case f == COM:
		return "COM"
	case f.isGroup():
		return "DG" + strconv.Itoa(int(f))
	}
	return "unknown file"
}

// MarshalText returns the name.
func (f File) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

func (f File) isGroup() bool { return f >= 1 && f <= 16 }

// tag is the outermost tag of the file (Doc 9303-10, table 38).
func (f File) tag() byte {
	switch {
	case f == SOD:
		return 0x77
	case f == COM:
		return 0x60
	case f.isGroup():
		return "\x61\x75\x63\x76\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f\x70"[f-1]
	}
	return 0
}

// Bounds of what is read from a chip. Chips hold 64 to 160 KB.
const (
	maxFile  = 512 << 10
	maxFiles = 1 << 20
)

// Files are the files as read from a chip: raw, with their tags, unverified. They print as the names of what is there.
type Files struct {
	get   func(File) []byte // a closure, for fmt prints unexported fields
	given []File
}

// NewFiles takes copies of files. Errors: *InvalidError for a file that is none of the application's, an empty or a huge
// one. What the files hold is judged by [Verifier.Verify].
func NewFiles(raw map[File][]byte) (Files, error) {
	held := make(map[File][]byte, len(raw))
	var f Files
	total := 0
	for file, data := range raw {
		total += len(data)
		switch {
		case file.tag() == 0:
			return Files{}, refuse("files", "name")
		case len(data) == 0:
			return Files{}, refuse("files", "empty")
		case len(data) > maxFile || total > maxFiles:
			return Files{}, refuse("files", "size")
		}
		held[file] = slices.Clone(data)
		f.given = append(f.given, file)
	}
	slices.Sort(f.given)
	f.get = func(file File) []byte { return held[file] }
	return f, nil
}

// fileNames are the names that readers give to their dumps: EF_DG1.bin, dg01.dat, EF.SOD, COM.
var fileNames = regexp.MustCompile(`(?i)^(?:ef[._-]?)?(com|sod|dg0?([1-9]|1[0-6]))(?:\.(?:bin|dat|der))?$`)

// ReadFiles reads the files of a directory that are named like elementary files: "EF_DG1.bin", "dg01.dat", "SOD.bin".
// Others are left alone. Errors: *InvalidError, also for two of one name; errors of the directory.
func ReadFiles(dir fs.FS) (Files, error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return Files{}, err
	}
	raw := make(map[File][]byte)
	for _, entry := range entries {
		file, ok := fileNamed(entry.Name())
		if !ok || !entry.Type().IsRegular() {
			continue
		}
		if raw[file] != nil {
			return Files{}, refuse("files", "twice")
		}
		if raw[file], err = readBounded(dir, entry.Name()); err != nil {
			return Files{}, err
		}
	}
	return NewFiles(raw)
}

func fileNamed(name string) (File, bool) {
	match := fileNames.FindStringSubmatch(name)
	switch {
	case match == nil:
		return 0, false
	case match[2] != "":
		n, _ := strconv.Atoi(match[2])
		return File(n), true
	case strings.EqualFold(match[1], "sod"):
		return SOD, true
	}
	return COM, true
}

func readBounded(dir fs.FS, name string) (data []byte, err error) {
	in, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	data, err = io.ReadAll(io.LimitReader(in, maxFile+1))
	return data, err
}

// Given returns which files are there, in order.
func (f Files) Given() []File { return slices.Clone(f.given) }

// raw returns a file as it came, nil when it is not there.
func (f Files) raw(file File) []byte {
	if f.get == nil {
		return nil
	}
	return f.get(file)
}

// body returns what is inside a file's outermost tag. Chips pad nothing, so nothing may follow.
func (f Files) body(file File) ([]byte, bool) {
	in := tlv{in: f.raw(file)}
	tag, body, ok := in.next()
	return body, ok && tag == int(file.tag()) && in.done()
}

// String returns the names of the files, such as "chip.Files(DG1 DG2 SOD)".
func (f Files) String() string {
	names := make([]string, len(f.given))
	for i, file := range f.given {
		names[i] = file.String()
	}
	return "chip.Files(" + strings.Join(names, " ") + ")"
}

// Format answers every verb with the names.
func (f Files) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, f.String()) }

// LogValue gives loggers the names.
func (f Files) LogValue() slog.Value { return slog.StringValue(f.String()) }

// MarshalText gives encoders the names.
func (f Files) MarshalText() ([]byte, error) { return []byte(f.String()), nil }
