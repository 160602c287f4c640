import type { FieldMeta } from "~/core/catalog";

import { booleanWidget } from "./BooleanField";
import { choiceWidget } from "./ChoiceField";
import { dateFormatWidget } from "./DateFormatField";
import { expressionWidget } from "./ExpressionField";
import { fieldNameWidget } from "./FieldNameField";
import { integerWidget } from "./IntegerField";
import { jsonWidget } from "./JsonField";
import { nameWidget } from "./NameField";
import { pathWidget } from "./PathField";
import { patternWidget } from "./PatternField";
import { textWidget } from "./TextField";
import { timezoneWidget } from "./TimezoneField";
import type { Widget } from "./widget";

const widgets: readonly Widget[] = [
  expressionWidget,
  nameWidget,
  choiceWidget,
  booleanWidget,
  integerWidget,
  dateFormatWidget,
  timezoneWidget,
  patternWidget,
  pathWidget,
  fieldNameWidget,
  textWidget,
  jsonWidget,
];

/** The control for a field: the one that fits it best. */
export function widgetFor(field: FieldMeta): Widget {
  return widgets.reduce((best, widget) => (widget.rank(field) > best.rank(field) ? widget : best), jsonWidget);
}
