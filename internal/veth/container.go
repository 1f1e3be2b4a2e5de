package veth

// open opens what ref names.
func (s *Session) open(ref NS) (*Namespace, error) {
	if ref.Kind != ByContainer {
		return openNS(ref)
	}
	return s.openContainer(ref)
}

// openContainer opens the namespace of a container. It is looked for a second time
// once that is open: the name must still mean the same process, or its PID may have
// been given to another one in between.
func (s *Session) openContainer(ref NS) (*Namespace, error) {
	find := s.options.Container
	if find == nil {
		return nil, invalid(ref.String(), "containers are not looked for")
	}
	p, err := find(ref.Text)
	if err != nil {
		return nil, notFound(ref, err)
	}
	ns, err := openNS(NS{Kind: ByPID, Number: p.PID})
	if err != nil {
		return nil, err
	}
	again, err := find(ref.Text)
	if err == nil && (again == p) {
		ns.Ref = ref
		return ns, nil
	}
	ns.close()
	if err != nil {
		return nil, notFound(ref, err)
	}
	return nil, &Error{Kind: NotFound, Subject: ref.String(), What: "changed while it was looked for"}
}

func notFound(ref NS, err error) error {
	return &Error{Kind: NotFound, Subject: ref.String(), What: err.Error()}
}

// nameContainers notes which containers places belong to that have no name.
func (s *Session) nameContainers(places []*Place) {
	if s.options.ContainerOf == nil {
		return
	}
	for _, p := range places {
		if !p.Own && p.Name == "" && p.PID != 0 {
			p.Container = s.options.ContainerOf(p.PID)
		}
	}
}
