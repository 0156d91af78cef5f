package sqlite

// FindQueries are shown to the test that holds their plans.
var FindQueries = map[string]string{"ascending": sqlFindUp, "descending": sqlFindDown}

// Waiting returns how many appends stand in the queue, the writing one's own included.
func (j *Journal) Waiting() int {
	j.writer.mu.Lock()
	defer j.writer.mu.Unlock()
	return len(j.writer.queue)
}

// LastGroup returns how many appends the last commit held.
func (j *Journal) LastGroup() int {
	j.writer.mu.Lock()
	defer j.writer.mu.Unlock()
	return j.writer.last
}
