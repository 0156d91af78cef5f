package seal

import (
	"errors"
	"io/fs"
	"os"
	"sync"
)

// cache remembers unwrapped keys of a [Dir], since unwrapping may cost a question to a device. It never answers for
// whether a key still is: that is asked of the disk each time, and costs two looks at a name.
type cache struct {
	size int

	mu      sync.Mutex
	keys    map[cacheAt]cached
	current map[string]KeyID // by base
}

type cacheAt struct {
	base string
	id   KeyID
}

type cached struct {
	n   int
	key Key
}

func newCache(size int) *cache {
	return &cache{size: size, keys: make(map[cacheAt]cached), current: make(map[string]KeyID)}
}

// find returns a key that is in memory and on the disk.
func (c *cache) find(base string, id KeyID) (Key, bool) {
	c.mu.Lock()
	found, ok := c.keys[cacheAt{base, id}]
	c.mu.Unlock()
	if !ok {
		return Key{}, false
	}
	if _, err := os.Lstat(place(base, found.n)); err != nil {
		return Key{}, false
	}
	_, err := os.Lstat(gone(base, found.n))
	return found.key, errors.Is(err, fs.ErrNotExist)
}

// findCurrent is find for the key that was current when it was last asked for; it is current as long as it is there.
func (c *cache) findCurrent(base string) (Key, bool) {
	c.mu.Lock()
	id, ok := c.current[base]
	c.mu.Unlock()
	if !ok {
		return Key{}, false
	}
	return c.find(base, id)
}

func (c *cache) keep(base string, n int, key Key) {
	if c.size <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.keys) >= c.size {
		clear(c.keys) // rare, and simpler than an order of age
		clear(c.current)
	}
	c.keys[cacheAt{base, key.id}] = cached{n, key}
}

func (c *cache) setCurrent(base string, id KeyID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.keys[cacheAt{base, id}]; ok {
		c.current[base] = id
	}
}

func (c *cache) forget(base string, id KeyID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.keys, cacheAt{base, id})
	delete(c.current, base)
}
