package payment

import (
	"errors"
	"strconv"
	"strings"
)

// VND is an amount of Vietnamese đồng, which has no smaller unit in use. In JSON it is an integer. Differences may be
// negative; an order never is.
type VND int64

// MaxVND is the greatest amount in either direction: the greatest integer that every JSON reader keeps exactly.
const MaxVND VND = 1<<53 - 1

// ErrOverflow means an amount left the range of ±[MaxVND].
var ErrOverflow = errors.New("payment: amount out of range")

// ParseVND reads digits, plain ("8000") or grouped by dots as Vietnamese documents write them ("8.000"), with or without
// one of the units "đồng", "đ" and "₫". It refuses leading zeros, groups that are not three digits, commas and fractions.
func ParseVND(s string) (VND, error) {
	digits, negative := strings.CutPrefix(s, "-")
	for _, unit := range []string{" đồng", " đ", "đ", " ₫", "₫"} {
		if rest, ok := strings.CutSuffix(digits, unit); ok {
			digits = rest
			break
		}
	}
	plain, ok := ungroup(digits)
	if !ok {
		return 0, &InvalidError{Field: "amount", Rule: `digits such as "8000" or "8.000 đồng"`}
	}
	v, err := strconv.ParseInt(plain, 10, 64)
	if err != nil || VND(v) > MaxVND {
		return 0, &InvalidError{Field: "amount", Rule: "at most 9.007.199.254.740.991 đồng", Err: ErrOverflow}
	}
	if negative {
		v = -v
	}
	return VND(v), nil
}

// Add returns v + w, or [ErrOverflow].
func (v VND) Add(w VND) (VND, error) {
	if !v.inRange() || !w.inRange() || !(v + w).inRange() {
		return 0, ErrOverflow
	}
	return v + w, nil
}

// Mul returns v taken n times (copies of an extract, say), or [ErrOverflow].
func (v VND) Mul(n int64) (VND, error) {
	product := v * VND(n)
	if !v.inRange() || !VND(n).inRange() {
		return 0, ErrOverflow
	}
	if n != 0 && (product/VND(n) != v || !product.inRange()) {
		return 0, ErrOverflow
	}
	return product, nil
}

// String writes the amount as documents do: "8.000 đồng". ParseVND reads it back.
func (v VND) String() string {
	s := strconv.FormatInt(int64(v), 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteByte(s[i])
	}
	b.WriteString(" đồng")
	return b.String()
}

func (v VND) inRange() bool { return v >= -MaxVND && v <= MaxVND }

// ungroup takes the dots out of a well-written number. The longest amount has 16 digits and 5 dots.
func ungroup(s string) (string, bool) {
	if s == "" || len(s) > 24 || len(s) > 1 && s[0] == '0' {
		return "", false
	}
	groups := strings.Split(s, ".")
	for i, group := range groups {
		if len(groups) > 1 && (len(group) > 3 || len(group) == 0 || i > 0 && len(group) != 3) {
			return "", false
		}
		for j := range len(group) {
			if group[j] < '0' || group[j] > '9' {
				return "", false
			}
		}
	}
	return strings.Join(groups, ""), true
}
