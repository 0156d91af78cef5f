package pades

import (
	"fmt"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/internal/vntime"
)

// Act is what a signature does in clerical work (Decree 30/2020/NĐ-CP): which part of the document it is, where it stands
// and in what order.
type Act int

// Acts.
const (
	// Approve is the competent person's signature (chữ ký số của người có thẩm quyền; Art 13.7): his image, blue on
	// transparent ground, between title and name. It comes before the agency's.
	Approve Act = iota + 1
	// Seal is the agency's signature (chữ ký số của cơ quan, tổ chức; Art 17.2, 32, 33): the red image of its seal, over
	// about a third of the competent person's signature, to its left. It comes after that and covers it.
	Seal
	// Attachment is the agency's signature on an attachment in a file of its own: text at the top right of the first page,
	// no image. Provisional: the wording of Annex I was not confirmed.
	Attachment
	// CopyOriginal (SAO Y), CopyDuplicate (SAO LỤC) and CopyExtract (TRÍCH SAO) are the agency's signature on a copy (Art
	// 25, 26): text at the top right of the first page. SAO Y of an electronic document as an electronic document does not
	// exist: it is refused for a file that carries signatures.
	CopyOriginal
	CopyDuplicate
	CopyExtract
)

// acts holds the field name that marks an act, and the words that a copy shows.
var acts = map[Act]struct{ field, title string }{
	Approve: {"NguoiCoThamQuyen", ""}, Seal: {"CoQuan", ""}, Attachment: {"PhuLuc", ""},
	CopyOriginal: {"SaoY", "SAO Y"}, CopyDuplicate: {"SaoLuc", "SAO LỤC"}, CopyExtract: {"TrichSao", "TRÍCH SAO"},
}

// Official lays a signature out as Annex I of Decree 30/2020/NĐ-CP has it.
type Official struct {
	Act Act
	// Image is the PNG of the signature or seal, for Approve and Seal.
	Image []byte
	// Page, X, Y, Width and Height are where the competent person's image stands, for Approve and for Seal alike: the
	// seal's own place follows from it. Width and Height default to 120 and 50 points.
	Page                int
	X, Y, Width, Height float64
	// Font is a TrueType font with Vietnamese letters (Times New Roman, or one of its measures), for text.
	Font []byte
	// Agency (tên cơ quan) stands on copies, Number (số, ký hiệu văn bản) on attachments.
	Agency, Number string
	// At is the time of signing that the text shows, on the Vietnamese clock.
	At time.Time
}

const (
	sealDiameter  = 104.9 // 37 mm, in points: the seal in its true size
	officialWidth = 170   // of the block of text at the top right
)

// Config returns the settings for [Sign]. What the document must look like is checked when it is signed ([ErrOrder]).
// Errors: [*ConfigError].
func (o Official) Config() (Config, error) {
	act, ok := acts[o.Act]
	if !ok {
		return Config{}, &ConfigError{"Act", "a known act"}
	}
	cfg := Config{At: o.At, act: o.Act}
	if o.Width == 0 {
		o.Width = 120
	}
	if o.Height == 0 {
		o.Height = 50
	}
	switch o.Act {
	case Approve:
		cfg.Appearance = Appearance{Page: o.Page, X: o.X, Y: o.Y, Width: o.Width, Height: o.Height, Image: o.Image}
	case Seal:
		// A third of the signature lies under the seal, which stands to its left.
		cfg.Appearance = Appearance{Page: o.Page, X: max(0, o.X+o.Width/3-sealDiameter), Image: o.Image,
			Y: max(0, o.Y+o.Height/2-sealDiameter/2), Width: sealDiameter, Height: sealDiameter}
	default:
		if o.At.IsZero() {
			return Config{}, &ConfigError{"At", "the time of signing, for it is shown"}
		}
		clock := vntime.In(o.At).Format("02/01/2006 15:04:05 -07:00")
		lines := []string{act.title + "; " + o.Agency, clock}
		want, field := o.Agency, "Agency"
		if o.Act == Attachment {
			lines, want, field = []string{o.Number, clock}, o.Number, "Number"
		}
		if strings.TrimSpace(want) == "" {
			return Config{}, &ConfigError{field, "a text, for it is shown"}
		}
		cfg.Appearance = Appearance{Page: 1, X: 28, Y: 20, Width: officialWidth, Height: 30, Font: o.Font, Lines: lines, Size: 10,
			corner: true}
	}
	if (o.Act == Approve || o.Act == Seal) && len(o.Image) == 0 {
		return Config{}, &ConfigError{"Image", "the image of the signature or seal"}
	}
	return cfg, nil
}

// checkOrder keeps the order of acts: a seal needs a signature of the competent person under it, nobody approves what is
// sealed, SAO Y is made of paper only, and an attachment is a file of its own that only the agency signs.
func checkOrder(doc *pdf.Document, act Act) error {
	if act == 0 {
		return nil
	}
	fields, err := doc.Fields()
	if err != nil {
		return &DocumentError{err}
	}
	signed, approved, sealed, attached := false, false, false, false
	for _, f := range fields {
		if f.Type != "Sig" || f.Value == nil {
			continue
		}
		signed = true
		approved = approved || strings.HasPrefix(f.Name, acts[Approve].field)
		sealed = sealed || strings.HasPrefix(f.Name, acts[Seal].field)
		attached = attached || strings.HasPrefix(f.Name, acts[Attachment].field)
	}
	switch {
	case act == Approve && (sealed || attached), act == Seal && (!approved || sealed), act == CopyOriginal && signed,
		act == Attachment && (approved || sealed):
		return fmt.Errorf("%w: %s", ErrOrder, acts[act].field)
	}
	return nil
}
