// Package arch holds the tests of the architecture: who may import whom, which third-party modules each public package
// links, a package comment everywhere, bounded files and functions, no hidden world in library code, and a README whose
// snippet compiles. It has no code of its own; CONTRIBUTING.md says the rules in words.
package arch
