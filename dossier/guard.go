package dossier

import "context"

// Guard is a condition the application adds to an act: the fee is paid, the uploaded PDF is validly signed, the other
// agency has answered. A procedure names its guards in its steps; [Config.Guards] supplies them.
//
// It is asked after every rule has been passed and before anything is written. nil lets the act pass. A *[Refusal] is
// the answer "no", and should say in Vietnamese what can be done. Any other error means the guard could not tell, and
// the act fails without being refused. A guard may be asked more than once for one act and changes nothing, d and c included. To File, d is a
// dossier without facts and c.Filing holds what is handed in.
type Guard func(ctx context.Context, d *Dossier, c *Command) error
