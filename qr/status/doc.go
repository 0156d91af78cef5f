// Package status is the bit table of a Token Status List (draft-ietf-oauth-status-list, section 4): one small number for
// each code an agency has issued, good, revoked or on hold, so many to a byte.
//
//	table, err := status.New(1<<20, 2)          // a million places of two bits
//	err = table.Set(index, status.Revoked)
//	packed, err := table.Deflate()              // what a signed list carries
//	table, err = status.Inflate(packed, 1<<20, 2)
//	value, ok := table.At(index)                // a few nanoseconds, no allocation
//
// It knows nothing of signatures, names or time: package qr signs, verifies and dates the lists, qr/status/registry
// fills them. Inflate is told the size beforehand, out of the signed claims, and refuses a stream that is one byte longer or
// shorter: there is no bomb to inflate. A place outside the table has no status, and must not be taken for good.
//
// Stable: all of it.
package status
