// Package story plays procedures over the office's own HTTP handlers, as browsers would, and tells what happened.
package story

// Names lists the stories.
func Names() string { return "copy, birth" }
