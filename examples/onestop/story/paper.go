package story

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"time"

	"github.com/motcua/motcua/dossier/paper"
)

// Paper makes the picture of an invented paper: a grey page with lines where text would stand.
func Paper() []byte {
	page := image.NewGray(image.Rect(0, 0, 420, 594))
	for i := range page.Pix {
		page.Pix[i] = 245
	}
	for line := 60; line < 540; line += 24 {
		for x := 40; x < 380-line%7*12; x++ {
			page.SetGray(x, line, color.Gray{Y: 60})
			page.SetGray(x, line+1, color.Gray{Y: 60})
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, page) // a buffer takes everything
	return b.Bytes()
}

// Who signs papers outside the office, for [Stage.Sign].
const (
	Hospital = "hospital"
	Citizen  = "citizen"
)

// letter is a paper that somebody outside the office writes and signs before it is handed in.
type letter struct {
	component, name, what string
	signer                string // Hospital or Citizen
	page                  paper.Result
}

func birthNotice() letter {
	return letter{"giay-chung-sinh", "giay-chung-sinh.pdf", "giấy chứng sinh điện tử do bệnh viện ký số", Hospital,
		paper.Result{Head: paper.Head{Office: "Bệnh viện Phụ sản Hư Cấu", Place: "Ví Dụ"}, Title: "GIẤY CHỨNG SINH",
			Fields: []paper.Field{{Label: "Họ, tên mẹ", Value: "Trần Thị Mỹ Vĩnh"}, {Label: "Sinh con lúc", Value: "07 giờ 10, ngày 10/11/2026"},
				{Label: "Giới tính của con", Value: "Nữ"}},
			Signer: paper.Signer{Title: "GIÁM ĐỐC", Name: "Phan Thị Hồng Nhạn"}}}
}

func authorisation() letter {
	return letter{"van-ban-uy-quyen-dien-tu", "uy-quyen.pdf", "văn bản ủy quyền điện tử do người ủy quyền ký số", Citizen,
		paper.Result{Head: paper.Head{Office: "Trần Thị Mỹ Vĩnh", Place: "Ví Dụ"}, Title: "VĂN BẢN ỦY QUYỀN",
			Body:   []string{"Tôi ủy quyền cho chồng tôi, ông Nguyễn Trọng Nghĩa, xin cấp bản sao trích lục khai sinh của tôi."},
			Signer: paper.Signer{Name: "Trần Thị Mỹ Vĩnh"}}}
}

// write prints a letter and has it signed.
func (l letter) write(stage Stage, at time.Time) ([]byte, error) {
	l.page.Date = at
	var b bytes.Buffer
	if _, err := l.page.Print(&b); err != nil {
		return nil, fmt.Errorf("%s: %w", l.component, err)
	}
	return stage.Sign(l.signer, b.Bytes())
}
