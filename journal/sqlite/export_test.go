package sqlite

// FindQueries are shown to the test that holds their plans.
var FindQueries = map[string]string{"ascending": sqlFindUp, "descending": sqlFindDown}
