package audit

import (
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/motcua/motcua/journal"
)

// inclusion returns the audit path of RFC 6962, 2.1.1: the hashes that lead from a leaf to the root of a tree of that
// size.
func (t *tree) inclusion(index, size int64) ([]journal.Hash, error) {
	nodes, err := proof.Inclusion(uint64(index), uint64(size))
	if err != nil {
		return nil, err
	}
	return t.assemble(nodes)
}

// consistency returns the proof of RFC 6962, 2.1.2: that the tree of the newer size begins with that of the older.
func (t *tree) consistency(older, newer int64) ([]journal.Hash, error) {
	if older == 0 || older == newer {
		return nil, nil
	}
	nodes, err := proof.Consistency(uint64(older), uint64(newer))
	if err != nil {
		return nil, err
	}
	return t.assemble(nodes)
}

func (t *tree) assemble(nodes proof.Nodes) ([]journal.Hash, error) {
	hashes := make([][]byte, len(nodes.IDs))
	for i, id := range nodes.IDs {
		var err error
		if hashes[i], err = t.node(id); err != nil {
			return nil, err
		}
	}
	hashes, err := nodes.Rehash(hashes, parentOf)
	if err != nil {
		return nil, err
	}
	path := make([]journal.Hash, len(hashes))
	for i, h := range hashes {
		path[i] = journal.Hash(h)
	}
	return path, nil
}

// checkInclusion is nil when the path leads from the leaf to the checkpoint's root.
func checkInclusion(c Checkpoint, index int64, leaf journal.Hash, path []journal.Hash) error {
	hasher := rfc6962.DefaultHasher
	err := proof.VerifyInclusion(hasher, uint64(index), uint64(c.size), leaf[:], slicesOf(path), c.root[:])
	if err != nil {
		return &FindingError{Kind: ErrAltered, Rule: "root", Index: index, Checkpoints: []Checkpoint{c}}
	}
	return nil
}

// checkConsistency is nil when the newer checkpoint's tree begins with the older's.
func checkConsistency(older, newer Checkpoint, path []journal.Hash) error {
	fork := &FindingError{Kind: ErrFork, Rule: "fork", Index: -1, Checkpoints: []Checkpoint{older, newer}}
	switch {
	case older.size > newer.size:
		return finding(ErrMalformed, "path", nil)
	case older.size == 0 && older.root != journal.Hash(rfc6962.DefaultHasher.EmptyRoot()):
		return fork
	case older.size == 0:
		return nil
	}
	err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(older.size), uint64(newer.size), slicesOf(path),
		older.root[:], newer.root[:])
	if err != nil {
		return fork
	}
	return nil
}

func slicesOf(path []journal.Hash) [][]byte {
	out := make([][]byte, len(path))
	for i := range path {
		out[i] = path[i][:]
	}
	return out
}
