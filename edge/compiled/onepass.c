/* Takes a form apart in one pass, if it is a usual one. edge/providers/forms.py says what a form is, and reads in Python
 * whatever is left to it here: both give the same bytes, or this one gives None.
 *
 * It reads what strangers send, before it is known who they are. So
 *
 * 1. what is read has an end, which is looked at before each byte; each byte that is read writes one at most, into a
 *    room that is as large as the form;
 * 2. there are FIELDS_MAX fields, on the stack: no list grows, nothing calls itself, nothing is kept between two calls;
 * 3. what is unusual is not understood here: more fields, a name that comes twice, a field that is empty or without "=",
 *    a "%" without two digits.
 *
 * It uses what every Python from 3.11 on has (its stable ABI), so that one build serves all of them.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <string.h>

#define FIELDS_MAX 128

typedef unsigned char Byte;

typedef struct {
    const Byte *name; /* decoded, and its value at once after it */
    Py_ssize_t name_length;
    Py_ssize_t value_length;
} Field;

typedef struct {
    Field fields[FIELDS_MAX]; /* in the order of their names */
    int count;
    Py_ssize_t length; /* of all names and values */
} Form;

typedef struct {
    const Byte *at;
    const Byte *end;
    Byte *room; /* where the next decoded byte goes */
} Reader;

enum { END = -1, UNUSUAL = -2 };

/* Return the value of a hexadecimal digit, or -1. */
static int
digit(Byte byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20; /* a letter, made small */
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Decode one part, a name or a value. Return the byte that ends it, which is '=' or '&', or END, or UNUSUAL. */
static int
read_part(Reader *reader, int is_name)
{
    while (reader->at < reader->end) {
        Byte byte = *reader->at++;
        if (byte == '&' || (byte == '=' && is_name))
            return byte;
        if (byte == '+')
            byte = ' ';
        if (byte == '%') {
            if (reader->end - reader->at < 2)
                return UNUSUAL;
            int high = digit(reader->at[0]), low = digit(reader->at[1]);
            if (high < 0 || low < 0)
                return UNUSUAL;
            byte = (Byte)(high << 4 | low);
            reader->at += 2;
        }
        *reader->room++ = byte;
    }
    return END;
}

/* Return a number below, at or above 0, as a name comes before that of a field, is the same, or comes after it. */
static int
compare(const Byte *name, Py_ssize_t length, const Field *field)
{
    Py_ssize_t shorter = length < field->name_length ? length : field->name_length;
    int order = memcmp(name, field->name, (size_t)shorter);
    return order ? order : (length > field->name_length) - (length < field->name_length);
}

/* Return the place of a name among the fields, or the one that it would have; and whether it is there. */
static int
place_of(const Form *form, const Byte *name, Py_ssize_t length, int *is_there)
{
    int low = 0, high = form->count;
    *is_there = 0;
    while (low < high && !*is_there) {
        int middle = (low + high) / 2;
        int order = compare(name, length, &form->fields[middle]);
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
        *is_there = order == 0;
    }
    return high;
}

/* Put a field in its place. Return whether its name is a new one, and there is room. */
static int
put(Form *form, const Field *field)
{
    int is_there, place = place_of(form, field->name, field->name_length, &is_there);
    if (is_there || form->count == FIELDS_MAX)
        return 0;
    memmove(&form->fields[place + 1], &form->fields[place], (size_t)(form->count - place) * sizeof(Field));
    form->fields[place] = *field;
    form->count++;
    form->length += field->name_length + field->value_length;
    return 1;
}

/* Take a form apart. Return whether it is a usual one. */
static int
take_apart(Form *form, Reader *reader)
{
    int ended_by;
    do {
        Field field = {.name = reader->room};
        if (read_part(reader, 1) != '=')
            return 0;
        field.name_length = reader->room - field.name;
        ended_by = read_part(reader, 0);
        field.value_length = reader->room - field.name - field.name_length;
        if (ended_by == UNUSUAL || !put(form, &field))
            return 0;
    } while (ended_by == '&');
    return 1;
}

/* Return all names and values, in the order of the names. */
static PyObject *
signed_of(const Form *form)
{
    PyObject *joined = PyBytes_FromStringAndSize(NULL, form->length);
    if (joined == NULL)
        return NULL;
    char *at = PyBytes_AsString(joined);
    for (int nth = 0; nth < form->count; nth++) {
        const Field *field = &form->fields[nth];
        size_t length = (size_t)(field->name_length + field->value_length);
        memcpy(at, field->name, length);
        at += length;
    }
    return joined;
}

/* Return the value of a name, or None. */
static PyObject *
value_of(const Form *form, PyObject *name)
{
    char *bytes;
    Py_ssize_t length;
    if (name == NULL || PyBytes_AsStringAndSize(name, &bytes, &length) < 0)
        return NULL;
    int is_there, place = place_of(form, (const Byte *)bytes, length, &is_there);
    if (!is_there)
        return Py_NewRef(Py_None);
    const Field *field = &form->fields[place];
    return PyBytes_FromStringAndSize((const char *)field->name + field->name_length, field->value_length);
}

/* Return the values of these names, or None for those that are missing. */
static PyObject *
values_of(const Form *form, PyObject *names)
{
    Py_ssize_t count = PyTuple_Size(names);
    PyObject *values = PyTuple_New(count);
    if (values == NULL)
        return NULL;
    for (Py_ssize_t nth = 0; nth < count; nth++) {
        PyObject *value = value_of(form, PyTuple_GetItem(names, nth));
        if (value == NULL || PyTuple_SetItem(values, nth, value) < 0) {
            Py_DECREF(values);
            return NULL;
        }
    }
    return values;
}

static PyObject *
found_in(const Form *form, PyObject *names)
{
    PyObject *joined = signed_of(form);
    PyObject *values = joined == NULL ? NULL : values_of(form, names);
    PyObject *found = values == NULL ? NULL : PyTuple_Pack(2, joined, values);
    Py_XDECREF(joined);
    Py_XDECREF(values);
    return found;
}

PyDoc_STRVAR(read_doc, "read(body, names, /)\n--\n\n"
    "Return what is signed of a form, and the values of names in it; None if it is an unusual one.");

static PyObject *
read_form(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2 || !PyBytes_Check(arguments[0]) || !PyTuple_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "read takes bytes, and a tuple of names");
        return NULL;
    }
    const Byte *body = (const Byte *)PyBytes_AsString(arguments[0]);
    Py_ssize_t length = PyBytes_Size(arguments[0]);
    Byte *room = PyMem_Malloc((size_t)length);
    if (room == NULL)
        return PyErr_NoMemory();
    Reader reader = {.at = body, .end = body + length, .room = room};
    Form form;
    form.count = 0;
    form.length = 0;
    PyObject *found = take_apart(&form, &reader) ? found_in(&form, arguments[1]) : Py_NewRef(Py_None);
    PyMem_Free(room);
    return found;
}

static PyMethodDef methods[] = {
    {"read", (PyCFunction)(void (*)(void))read_form, METH_FASTCALL, read_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "onepass",
    .m_doc = "Takes the usual forms apart in one pass.",
    .m_size = 0,
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit_onepass(void)
{
    return PyModuleDef_Init(&module);
}
