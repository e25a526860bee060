// What a model gets of an image, by how many numbers that is: its words.

const FORMS = {
  784: {
    part: "pixel",
    parts: "pixels",
    ink: "ink",
    factor: "Ink",
    lowers: "ink lowers the score",
    raises: "ink raises it",
    added: "ink added",
    among: (least, most) => `ink ${least} ${most} 1`,
    given: "as the 28×28 pixels that the model gets",
    one: "as a 28×28 picture",
    many: "as 28×28 pictures",
    reading: "Ink on red raises the score, ink on blue lowers it",
    changed: "the changed picture",
    aside: "",
  },
  800: {
    part: "edge",
    parts: "edges",
    ink: "an edge",
    factor: "Edge",
    lowers: "edges lower the score",
    raises: "edges raise it",
    added: "edges added",
    among: (least, most) => `edges ${least} ${most} 2.55`,
    given: "as the edges that the model gets, in 8 directions on 10×10 places",
    one: "for edges in 8 directions",
    many: "for edges in 8 directions",
    reading: "A red line raises the score where the image has an edge in its direction, a blue line lowers it",
    changed: "the changed edges",
    aside: " No drawing need have exactly these edges.",
  },
};

const formOf = (values) => FORMS[values.length];
