package audit

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/motcua/motcua/journal"
)

// The tree lies in two files that only grow. "leaves" has one entry a record: the leaf hash and the journal position.
// "tree" has the nodes from tileLevel upwards in the order in which they become complete, which is computable, so that
// there is no index. What lies below is hashed again from the leaves: reading one tile is one read from the disk.
const (
	leavesFile = "leaves"
	treeFile   = "tree"

	hashSize  = 32
	entrySize = hashSize + 8
	tileLevel = 8
	tileSize  = 1 << tileLevel
)

// leafDomain and a hash with RFC 6962's prefix fill one block of SHA-256.
const leafDomain = "motcua journal leaf 1\n"

// leafOf is the leaf hash of a record. Hashing into fixed arrays takes a third of the time of the hasher of package
// rfc6962, which the verifier uses.
func leafOf(record journal.Hash) journal.Hash {
	var b [1 + len(leafDomain) + hashSize]byte
	b[0] = rfc6962.RFC6962LeafHashPrefix
	copy(b[1:], leafDomain)
	copy(b[1+len(leafDomain):], record[:])
	return sha256.Sum256(b[:])
}

func parentOf(left, right []byte) []byte {
	sum := sumOf(left, right)
	return sum[:]
}

func sumOf(left, right []byte) [hashSize]byte {
	var b [1 + 2*hashSize]byte
	b[0] = rfc6962.RFC6962NodeHashPrefix
	copy(b[1:], left)
	copy(b[1+hashSize:], right)
	return sha256.Sum256(b[:])
}

// tree is the stored Merkle tree. Reading what is complete is safe beside one writer.
type tree struct {
	leaves, nodes *os.File
	leafOut       *bufio.Writer
	nodeOut       *bufio.Writer
	growing       *compact.Range // nil when only reading
}

func openTree(dir string, write bool) (*tree, error) {
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR | os.O_CREATE
	}
	t := new(tree)
	var err error
	if t.leaves, err = os.OpenFile(filepath.Join(dir, leavesFile), flag, 0o600); err != nil {
		return nil, err
	}
	if t.nodes, err = os.OpenFile(filepath.Join(dir, treeFile), flag, 0o600); err != nil {
		t.leaves.Close()
		return nil, err
	}
	return t, nil
}

func (t *tree) close() error { return errors.Join(t.leaves.Close(), t.nodes.Close()) }

// holds reports whether the files are long enough for a tree of that size.
func (t *tree) holds(size int64) (bool, error) {
	leaves, err := t.leaves.Stat()
	if err != nil {
		return false, err
	}
	nodes, err := t.nodes.Stat()
	if err != nil {
		return false, err
	}
	return leaves.Size() >= size*entrySize && nodes.Size() >= nodeCount(size>>tileLevel)*hashSize, nil
}

// nodeCount is how many nodes are complete above and with n tiles: 2n minus the perfect trees they form.
func nodeCount(tiles int64) int64 { return 2*tiles - int64(bits.OnesCount64(uint64(tiles))) }

// rewind goes back to a size, of which the files must hold enough, and prepares for growing.
func (t *tree) rewind(size int64) error {
	if err := t.leaves.Truncate(size * entrySize); err != nil {
		return err
	}
	if err := t.nodes.Truncate(nodeCount(size>>tileLevel) * hashSize); err != nil {
		return err
	}
	var hashes [][]byte
	for _, id := range compact.RangeNodes(0, uint64(size), nil) {
		h, err := t.node(id)
		if err != nil {
			return err
		}
		hashes = append(hashes, h)
	}
	growing, err := (&compact.RangeFactory{Hash: parentOf}).NewRange(0, uint64(size), hashes)
	if err != nil {
		return err
	}
	for _, f := range []*os.File{t.leaves, t.nodes} {
		if _, err := f.Seek(0, io.SeekEnd); err != nil {
			return err
		}
	}
	t.growing = growing
	t.leafOut, t.nodeOut = bufio.NewWriterSize(t.leaves, 1<<16), bufio.NewWriterSize(t.nodes, 1<<14)
	return nil
}

// size is how many leaves the growing tree has.
func (t *tree) size() int64 { return int64(t.growing.End()) }

// add takes in one leaf. After an error the tree must be rewound.
func (t *tree) add(leaf journal.Hash, position int64) error {
	if _, err := t.leafOut.Write(binary.BigEndian.AppendUint64(leaf[:], uint64(position))); err != nil {
		return err
	}
	var failed error
	err := t.growing.Append(leaf[:hashSize:hashSize], func(id compact.NodeID, hash []byte) {
		if id.Level >= tileLevel && failed == nil {
			_, failed = t.nodeOut.Write(hash)
		}
	})
	return errors.Join(failed, err)
}

// flush makes what was added durable.
func (t *tree) flush() error {
	return errors.Join(t.leafOut.Flush(), t.nodeOut.Flush(), t.leaves.Sync(), t.nodes.Sync())
}

// root is the root of the growing tree.
func (t *tree) root() (journal.Hash, error) { return rootOf(t.growing) }

// entry reads a leaf and its record's position.
func (t *tree) entry(index int64) (leaf journal.Hash, position int64, err error) {
	var raw [entrySize]byte
	if _, err := t.leaves.ReadAt(raw[:], index*entrySize); err != nil {
		return leaf, 0, damaged(index, err)
	}
	return journal.Hash(raw[:hashSize]), int64(binary.BigEndian.Uint64(raw[hashSize:])), nil
}

// index finds the leaf of a position among the first size leaves. Positions grow, and without gaps a position is its
// index plus one.
func (t *tree) index(position, size int64) (int64, bool, error) {
	low, high := int64(0), min(size, position)-1 // position p has at most p-1 records before it
	guess := high
	for low <= high {
		_, at, err := t.entry(guess)
		switch {
		case err != nil:
			return 0, false, err
		case at == position:
			return guess, true, nil
		case at < position:
			low = guess + 1
		default:
			high = guess - 1
		}
		guess = low + (high-low)/2
	}
	return 0, false, nil
}

// node returns a complete node of the tree.
func (t *tree) node(id compact.NodeID) ([]byte, error) {
	begin, end := id.Coverage()
	if id.Level >= tileLevel {
		// Complete before it: everything below the tiles before its last one, and on its right border what is lower.
		last := int64(end)>>tileLevel - 1
		place := nodeCount(last) + int64(id.Level) - tileLevel
		hash := make([]byte, hashSize)
		if _, err := t.nodes.ReadAt(hash, place*hashSize); err != nil {
			return nil, damaged(int64(begin), err)
		}
		return hash, nil
	}
	raw := make([]byte, int64(end-begin)*entrySize)
	if _, err := t.leaves.ReadAt(raw, int64(begin)*entrySize); err != nil {
		return nil, damaged(int64(begin), err)
	}
	return rootOfEntries(raw), nil
}

// rootOfEntries hashes a perfect subtree of entries together, in place.
func rootOfEntries(raw []byte) []byte {
	at := func(i int) []byte { return raw[i*entrySize : i*entrySize+hashSize] }
	for count := len(raw) / entrySize; count > 1; count /= 2 {
		for i := range count / 2 {
			sum := sumOf(at(2*i), at(2*i+1))
			copy(at(i), sum[:])
		}
	}
	return raw[:hashSize:hashSize]
}

func damaged(index int64, err error) error {
	return &FindingError{Kind: ErrAltered, Rule: "tree", Index: index, Err: fmt.Errorf("audit: read tree: %w", err)}
}

// newRange is an empty tree that grows in memory, as flat as its height.
func newRange() *compact.Range { return (&compact.RangeFactory{Hash: parentOf}).NewEmptyRange(0) }

func rootOf(r *compact.Range) (journal.Hash, error) {
	if r.End() == 0 {
		return journal.Hash(rfc6962.DefaultHasher.EmptyRoot()), nil
	}
	root, err := r.GetRootHash(nil)
	if err != nil {
		return journal.Hash{}, err
	}
	return journal.Hash(root), nil
}
