/* Notes in a row of a table of fixed size who was seen, newest first. edge/core/seen/ says what the tables are for, and does
 * the same in Python where this was not compiled: both leave the same bytes.
 *
 * A row follows from a keyed hash, so that nobody chooses it. A row that would not lie in the table whole is an error, and
 * nothing is read or written then. Numbers in a table are big-endian.
 *
 * It uses what every Python from 3.11 on has (its stable ABI), so that one build serves all of them.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define PLACES 8
#define MARK_BYTES 8
#define AGAIN 1u
#define COUNT_BITS 16
#define COUNT_MAX 0xFFFFu
#define FORGOTTEN_MS (24 * 60 * 60 * 1000)

typedef unsigned char Byte;

static uint64_t
number_at(const Byte *at)
{
    uint64_t number = 0;
    for (int nth = 0; nth < MARK_BYTES; nth++)
        number = number << 8 | at[nth];
    return number;
}

static void
put_number(Byte *at, uint64_t number)
{
    for (int nth = MARK_BYTES - 1; nth >= 0; nth--, number >>= 8)
        at[nth] = (Byte)(number & 0xFF);
}

/* Return the place of the first entry of a row that begins with a number, or PLACES. */
static int
place_of(const Byte *row, size_t entry_bytes, uint64_t number)
{
    int place = 0;
    while (place < PLACES && number_at(row + (size_t)place * entry_bytes) != number)
        place++;
    return place;
}

/* Put what stands before a place one further, over what stands there; the last one falls out where nobody's place is given up. */
static void
make_room(Byte *row, size_t entry_bytes, int place)
{
    memmove(row + entry_bytes, row, (size_t)(place < PLACES ? place : PLACES - 1) * entry_bytes);
}

/* Take a table and a mark out of the arguments, and return the row that the mark leads to, or NULL with an error set. */
static Byte *
row_of(PyObject *const *arguments, size_t row_bytes, int unused_bits, Py_buffer *table, uint64_t *mark)
{
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(arguments[1], &bytes, &length) < 0)
        return NULL;
    if (length != MARK_BYTES) {
        PyErr_SetString(PyExc_ValueError, "a mark has 8 bytes");
        return NULL;
    }
    if (PyObject_GetBuffer(arguments[0], table, PyBUF_WRITABLE) < 0)
        return NULL;
    size_t rows = (size_t)table->len / row_bytes;
    if (rows == 0 || (rows & (rows - 1)) != 0) {
        PyErr_SetString(PyExc_ValueError, "the rows of a table are a power of two");
        PyBuffer_Release(table);
        return NULL;
    }
    *mark = number_at((const Byte *)bytes);
    return (Byte *)table->buf + (*mark >> unused_bits & (rows - 1)) * row_bytes;
}

PyDoc_STRVAR(see_doc, "see(table, mark, /)\n--\n\n"
    "Note a mark of 63 bits and one that is ours, and return whether it was known.");

static PyObject *
see(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "see takes a table and a mark");
        return NULL;
    }
    Py_buffer table;
    uint64_t mark;
    Byte *row = row_of(arguments, PLACES * MARK_BYTES, 1, &table, &mark);
    if (row == NULL)
        return NULL;
    uint64_t once = mark & ~(uint64_t)AGAIN, again = mark | AGAIN;
    int place = place_of(row, MARK_BYTES, again);
    if (place == PLACES)
        place = place_of(row, MARK_BYTES, once);
    make_room(row, MARK_BYTES, place);
    put_number(row, place < PLACES ? again : once);
    PyBuffer_Release(&table);
    return PyBool_FromLong(place < PLACES);
}

PyDoc_STRVAR(note_doc, "note(table, mark, now_ms, after_ms, most, /)\n--\n\n"
    "Note that somebody has written now, and return whether they knock.");

static PyObject *
note(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 5) {
        PyErr_SetString(PyExc_TypeError, "note takes a table, a mark and three whole numbers");
        return NULL;
    }
    int64_t numbers[3]; /* now_ms, after_ms, most */
    for (int nth = 0; nth < 3; nth++) {
        numbers[nth] = PyLong_AsLongLong(arguments[2 + nth]);
        if (numbers[nth] == -1 && PyErr_Occurred())
            return NULL;
    }
    if (numbers[0] < 0 || numbers[0] >> (63 - COUNT_BITS)) {
        PyErr_SetString(PyExc_OverflowError, "no such instant can be noted");
        return NULL;
    }
    Py_buffer table;
    uint64_t mark, seen_times = 1;
    Byte *row = row_of(arguments, PLACES * 2 * MARK_BYTES, 0, &table, &mark);
    if (row == NULL)
        return NULL;
    int knocks = 0, place = place_of(row, 2 * MARK_BYTES, mark);
    if (place < PLACES) {
        uint64_t seen = number_at(row + (size_t)place * 2 * MARK_BYTES + MARK_BYTES);
        int64_t since_ms = numbers[0] - (int64_t)(seen >> COUNT_BITS);
        if (since_ms < FORGOTTEN_MS) { /* in the past of a clock that stepped back as well */
            seen_times = (seen & COUNT_MAX) < COUNT_MAX ? (seen & COUNT_MAX) + 1 : COUNT_MAX;
            knocks = since_ms >= numbers[1] && (int64_t)seen_times <= numbers[2];
        }
    }
    make_room(row, 2 * MARK_BYTES, place);
    put_number(row, mark);
    put_number(row + MARK_BYTES, (uint64_t)numbers[0] << COUNT_BITS | seen_times);
    PyBuffer_Release(&table);
    return PyBool_FromLong(knocks);
}

static PyMethodDef methods[] = {
    {"see", (PyCFunction)(void (*)(void))see, METH_FASTCALL, see_doc},
    {"note", (PyCFunction)(void (*)(void))note, METH_FASTCALL, note_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "rows",
    .m_doc = "Notes in the tables of what was seen lately.",
    .m_size = 0,
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit_rows(void)
{
    return PyModuleDef_Init(&module);
}
