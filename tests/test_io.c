/* test_io.c -- the file formats: round trips, files that NumPy wrote and files that NumPy reads, values by hand; the archive. */
#define _XOPEN_SOURCE 700
#include "io_files.h"

#include <math.h>

/* ---- .npy ------------------------------------------------------------------------------------------------------- */

/* What NumPy's formats have. */
static bool in_numpy(int dtype) { return dtype != WG_BF16; }

START_TEST(npy_round_trip)
{
    static const int64_t dims[] = {2, 3, 1, 2, 1, 2, 1, 2};
    place p = at("a.npy");
    for (int d = 1; d < WG_DTYPES; d++)
        for (int rank = in_numpy(d) ? 0 : WG_MAX_RANK + 2; rank <= WG_MAX_RANK + 1; rank++) {
            wg_shape s = rank > WG_MAX_RANK ? SHAPE(3, 4, 0, 2) : shape_of(rank, dims);
            wg_array a = filled((wg_dtype)d, s), b;
            ck_assert_msg(!wg_npy_write(p.path, &a, why, sizeof why), "%s", why);
            ck_assert_str_eq(why, "");
            ck_assert_msg(!wg_npy_read(p.path, &b, why, sizeof why), "%s", why);
            ck_same(&b, &a);
            wg_array_free(&a);
            wg_array_free(&b);
        }
}
END_TEST

START_TEST(npy_from_numpy)
{
    static const char *const layout[] = {"c", "fortran", "v2", "v3", "fortran4"};
    wg_array a;
    if (!numpy()) return;
    ck_assert(python(FILL "for t in DT:\n"
                          "    x = fill(t, 3, 4, 5)\n"
                          "    np.save(d + t + '-c.npy', x)\n"
                          "    np.save(d + t + '-fortran.npy', np.asfortranarray(x))\n"
                          "    np.save(d + t + '-fortran4.npy', np.asfortranarray(fill(t, 2, 3, 1, 5)))\n"
                          "    for v in (2, 3):\n"
                          "        with open(d + t + '-v%d.npy' % v, 'wb') as f: np.lib.format.write_array(f, x, version=(v, 0))\n"
                          "    np.save(d + t + '-scalar.npy', fill(t))\n"
                          "    np.save(d + t + '-empty.npy', fill(t, 2, 0, 3))\n"
                          "    np.save(d + t + '-one.npy', fill(t, 7))\n"
                          "for t in '>f4', '>i8', '>f2', 'u4', 'c8', 'S3': np.save(d + 'bad-' + t + '.npy', np.zeros(3, t))\n"
                          "np.save(d + 'bad-object.npy', np.array([None]))\n"
                          "np.save(d + 'bad-struct.npy', np.zeros(2, [('a', 'f4')]))\n"
                          "np.save(d + 'bad-rank.npy', np.zeros((1,) * 9, 'f4'))\n"));
    for (int d = 1; d < WG_DTYPES; d++) {
        wg_dtype t = (wg_dtype)d;
        if (!in_numpy(d)) continue;
        struct {
            const char *name;
            wg_shape shape;
        } other[] = {{"scalar", SHAPE(0, 0)}, {"empty", SHAPE(3, 2, 0, 3)}, {"one", SHAPE(1, 7)}};
        for (int i = 0; i < 8; i++) {
            char name[64];
            snprintf(name, sizeof name, "%s-%s.npy", wg_dtype_name(t), i < 5 ? layout[i] : other[i - 5].name);
            ck_assert_msg(!wg_npy_read(at(name).path, &a, why, sizeof why), "%s", why);
            ck_filled(&a, t, i < 4 ? SHAPE(3, 3, 4, 5) : i == 4 ? SHAPE(4, 2, 3, 1, 5) : other[i - 5].shape);
            wg_array_free(&a);
        }
    }
    static const char *const bad[][2] = {
        {"bad->f4.npy", "big-endian"},   {"bad->i8.npy", "big-endian"}, {"bad->f2.npy", "big-endian"}, {"bad-u4.npy", "<u4"},
        {"bad-c8.npy", "<c8"},           {"bad-S3.npy", "|S3"},         {"bad-object.npy", "pickled"}, {"bad-struct.npy", "structured"},
        {"bad-rank.npy", "8 dimensions"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(wg_npy_read(at(bad[i][0]).path, &a, why, sizeof why), WG_EFORMAT);
        ck_why(at(bad[i][0]).path, bad[i][1]);
        ck_assert_ptr_null(a.data);
    }
}
END_TEST

START_TEST(npy_and_npz_to_numpy)
{
    wg_archive z = {0};
    wg_fault f = {0};
    if (!numpy()) return;
    for (int d = 1; d < WG_DTYPES; d++) {
        char name[32];
        const char *t = wg_dtype_name((wg_dtype)d);
        if (!in_numpy(d)) continue;
        snprintf(name, sizeof name, "ours-%s.npy", t);
        put(&z, t, (wg_dtype)d, SHAPE(3, 2, 3, 4));
        ck_assert_int_eq(wg_npy_write(at(name).path, &z.entry[z.count - 1].array, why, sizeof why), WG_OK);
    }
    put(&z, "fc1.weight", WG_F32, SHAPE(0, 0));
    put(&z, "\xc3\xa9/empty", WG_I64, SHAPE(2, 0, 3));
    ck_assert_int_eq(wg_npz_write(at("ours.npz").path, &z, why, sizeof why), WG_OK);
    for (unsigned limit = 0; limit < 2000; limit += 500) { /* sizes and offsets below and above, in every mixture */
        char name[32];
        snprintf(name, sizeof name, "wide%u.npz", limit);
        ck_assert_int_eq(wg__npz_write(at(name).path, &z, limit, &f), WG_OK);
    }
    ck_assert(python(FILL "for t in DT: same(np.load(d + 'ours-' + t + '.npy'), t, 2, 3, 4)\n"
                          "for p in 'ours', 'wide0', 'wide500', 'wide1000', 'wide1500':\n"
                          "    assert zipfile.ZipFile(d + p + '.npz').testzip() is None\n"
                          "    z = np.load(d + p + '.npz')\n"
                          "    assert z.files == list(DT) + ['fc1.weight', '\\u00e9/empty'], z.files\n"
                          "    for t in DT: same(z[t], t, 2, 3, 4)\n"
                          "    same(z['fc1.weight'], 'f32')\n"
                          "    same(z['\\u00e9/empty'], 'i64', 0, 3)\n"));
    wg_archive_free(&z);
}
END_TEST

START_TEST(bf16_is_not_numpys)
{
    wg_archive z = {0};
    put(&z, "fine", WG_F16, SHAPE(1, 3));
    put(&z, "x", WG_BF16, SHAPE(1, 3));
    ck_assert_int_eq(wg_npy_write(at("b.npy").path, &z.entry[1].array, why, sizeof why), WG_EDTYPE);
    ck_why(at("b.npy").path, "the array is bf16, which NumPy's formats do not have: write a safetensors file, or cast it to f32");
    ck_assert_int_eq(wg_npz_write(at("b.npz").path, &z, why, sizeof why), WG_EDTYPE);
    ck_why(at("b.npz").path, "x: the array is bf16");
    ck_assert(access(at("b.npy").path, F_OK) && access(at("b.npz").path, F_OK));
    wg_archive_free(&z);
}
END_TEST

/* ---- .npz ------------------------------------------------------------------------------------------------------- */

START_TEST(npz_round_trip)
{
    wg_archive a = {0}, b;
    wg_fault f = {0};
    place p = at("r.npz");
    for (int pass = 0; pass < 3; pass++) {
        ck_assert_int_eq(wg__npz_write(p.path, &a, pass == 2 ? 0 : UINT32_MAX, &f), WG_OK);
        ck_assert_msg(!wg_npz_read(p.path, &b, why, sizeof why), "%s", why);
        ck_assert_uint_eq(b.count, a.count);
        for (size_t i = 0; i < a.count; i++) {
            ck_assert_str_eq(a.entry[i].name, b.entry[i].name);
            ck_same(&a.entry[i].array, &b.entry[i].array);
        }
        wg_archive_free(&b);
        for (int d = 1; d < WG_DTYPES && !pass; d++)
            if (in_numpy(d)) put(&a, wg_dtype_name((wg_dtype)d), (wg_dtype)d, SHAPE(2, 9, 5));
    }
    wg_archive_free(&a);
}
END_TEST

START_TEST(npz_from_numpy)
{
    static const char *const names[] = {"stored", "deflated", "streamed", "streamed-deflated"};
    wg_archive z;
    if (!numpy()) return;
    ck_assert(python(FILL "class Stream(io.RawIOBase):\n" /* cannot seek: zipfile writes data descriptors */
                          "    def __init__(self, path): self.f = open(path, 'wb')\n"
                          "    def writable(self): return True\n"
                          "    def write(self, b): return self.f.write(b)\n"
                          "    def close(self): self.f.close(); super().close()\n"
                          "x = {t: fill(t, 40, 50) for t in DT}\n"
                          "x['fortran'] = np.asfortranarray(fill('f32', 3, 4))\n"
                          "np.savez(d + 'stored.npz', **x)\n"
                          "np.savez_compressed(d + 'deflated.npz', **x)\n"
                          "for name, save in ('streamed', np.savez), ('streamed-deflated', np.savez_compressed):\n"
                          "    with Stream(d + name + '.npz') as f: save(f, **x)\n"
                          "with zipfile.ZipFile(d + 'other.npz', 'w') as f: f.writestr('a.txt', 'hello')\n"
                          "b = io.BytesIO(); np.save(b, fill('f32', 40)); b = b.getvalue()\n"
                          "with zipfile.ZipFile(d + 'bzip2.npz', 'w', zipfile.ZIP_BZIP2) as f: f.writestr('a.npy', b)\n"
                          "import warnings; warnings.simplefilter('ignore')\n"
                          "with zipfile.ZipFile(d + 'twice.npz', 'w') as f: f.writestr('a.npy', b); f.writestr('a.npy', b)\n"
                          "with zipfile.ZipFile(d + 'comment.npz', 'w') as f: f.writestr('a.npy', b); f.comment = b'said ' * 99\n"
                          "h = b\"{'descr': '<f4', 'fortran_order': False, 'shape': (100000000,), }\\n\"\n"
                          "bomb = b'\\x93NUMPY\\1\\0' + bytes([len(h), 0]) + h + bytes(10**7)\n"
                          "with zipfile.ZipFile(d + 'bomb.npz', 'w', zipfile.ZIP_DEFLATED) as f: f.writestr('a.npy', bomb)\n"));
    for (int i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s.npz", names[i]);
        wg_status s = wg_npz_read(at(name).path, &z, why, sizeof why);
#if !WG_HAVE_ZLIB
        if (i & 1) {
            ck_assert_int_eq(s, WG_EFORMAT);
            ck_why(at(name).path, "without zlib");
            continue;
        }
#endif
        ck_assert_msg(!s, "%s", why);
        ck_assert_uint_eq(z.count, WG_DTYPES - 1);
        for (int d = 1; d < WG_DTYPES; d++)
            if (in_numpy(d)) ck_filled(wg_archive_find(&z, wg_dtype_name((wg_dtype)d)), (wg_dtype)d, SHAPE(2, 40, 50));
        ck_filled(wg_archive_find(&z, "fortran"), WG_F32, SHAPE(2, 3, 4));
        wg_archive_free(&z);
    }
    ck_assert_int_eq(wg_npz_read(at("comment.npz").path, &z, why, sizeof why), WG_OK);
    wg_archive_free(&z);
    static const char *const bad[][2] = {
        {"other.npz", "a.txt: is no .npy"}, {"bzip2.npz", "not read"}, {"twice.npz", "twice"}, {"bomb.npz", "a.npy: "}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(wg_npz_read(at(bad[i][0]).path, &z, why, sizeof why), WG_EFORMAT);
        ck_why(at(bad[i][0]).path, bad[i][1]);
        ck_assert_uint_eq(z.count, 0);
    }
}
END_TEST

/* ---- safetensors ------------------------------------------------------------------------------------------------ */

static wg_status read_text(const char *header, size_t data, wg_archive *out)
{
    unsigned char file[2048] = {0};
    size_t n = strlen(header);
    wg__put_le(file, n, 8);
    memcpy(file + 8, header, n);
    spew(at("t.safetensors").path, file, 8 + n + data);
    return wg_safetensors_read(at("t.safetensors").path, out, why, sizeof why);
}

START_TEST(safetensors_round_trip)
{
    static const char *const odd = "a \"b\" \\ c\n\x01 \xc3\xa9 \xf0\x9f\x98\x80";
    unsigned char file[4096];
    place p = at("r.safetensors");
    wg_archive a = {0}, b;
    for (int pass = 0; pass < 2; pass++) {
        ck_assert_msg(!wg_safetensors_write(p.path, &a, why, sizeof why), "%s", why);
        slurp(p.path, file, sizeof file);
        ck_assert_uint_eq(wg__le64(file) % 8, 0);
        ck_assert_msg(!wg_safetensors_read(p.path, &b, why, sizeof why), "%s", why);
        ck_assert_uint_eq(b.count, a.count);
        for (size_t i = 0; i < a.count; i++) {
            ck_assert_str_eq(a.entry[i].name, b.entry[i].name);
            ck_same(&a.entry[i].array, &b.entry[i].array);
        }
        wg_archive_free(&b);
        if (pass) break;
        put(&a, odd, WG_U8, SHAPE(1, 3));
        for (int d = 1; d < WG_DTYPES; d++) put(&a, wg_dtype_name((wg_dtype)d), (wg_dtype)d, SHAPE(2, 3, 5));
        put(&a, "empty", WG_F32, SHAPE(2, 0, 3));
        put(&a, "scalar", WG_F64, SHAPE(0, 0));
    }
    ck_assert(python("import sys, json, struct\n"
                     "b = open(sys.argv[1] + '/r.safetensors', 'rb').read()\n"
                     "n = struct.unpack('<Q', b[:8])[0]\n"
                     "h = json.loads(b[8:8 + n])\n"
                     "assert list(h)[0] == 'a \"b\" \\\\ c\\n\\x01 \\u00e9 \\U0001f600', list(h)[0]\n"
                     "e = h['f64']\n"
                     "assert e['dtype'] == 'F64' and e['shape'] == [3, 5], e\n"
                     "lo, hi = e['data_offsets']\n"
                     "assert (8 + n + lo) % 8 == 0 and hi - lo == 120\n"
                     "assert struct.unpack('<15d', b[8+n+lo:8+n+hi]) == tuple(i * 7 % 11 - 3 for i in range(15))\n"));
    wg_archive_free(&a);
    put(&a, "__metadata__", WG_U8, SHAPE(1, 3));
    ck_assert_int_eq(wg_safetensors_write(p.path, &a, why, sizeof why), WG_EARG);
    wg_archive_free(&a);
    put(&a, "\xff", WG_U8, SHAPE(1, 3));
    ck_assert_int_eq(wg_safetensors_write(p.path, &a, why, sizeof why), WG_EARG);
    wg_archive_free(&a);
}
END_TEST

#define ONE(name, type, shape, from, to) "\"" name "\":{\"dtype\":\"" type "\",\"shape\":[" shape "],\"data_offsets\":[" #from "," #to "]}"

static const struct {
    const char *header;
    size_t data;
    const char *says; /* NULL: is read */
} HEADERS[] = {
    {"{}", 0, NULL},
    {"{} \t  ", 0, NULL},
    {"{" ONE("a", "F32", "2", 0, 8) "}", 8, NULL},
    {"{" ONE("\\u0041\\ud83d\\ude00\\/", "F32", "2", 0, 8) "}", 8, NULL},
    {"{\"__metadata__\":{\"format\":\"pt\",\"\":\"\"}," ONE("a", "I64", "", 0, 8) "}", 8, NULL},
    {"{" ONE("b", "U8", "3", 4, 7) " , " ONE("a", "BOOL", "2,2", 0, 4) "}", 7, NULL},
    {"{ \"a\" : { \"shape\" : [ 0 , 9 ] , \"data_offsets\" : [ 0 , 0 ] , \"dtype\" : \"F64\" } }", 0, NULL},
    {" {}", 0, "begin with '{'"},
    {"", 0, "begin with '{'"},
    {"{}x", 0, "follows"},
    {"{", 0, "expected '\"'"},
    {"{\"a", 0, "does not end"},
    {"{" ONE("a", "BF16", "2", 0, 4) "," ONE("b", "F16", "1", 4, 6) "}", 6, NULL},
    {"{" ONE("a", "F8_E5M2", "2", 0, 2) "}", 2, "F8_E5M2"},
    {"{" ONE("a", "F32", "2", 0, 7) "}", 7, "a: the header declares f32[2]"},
    {"{" ONE("a", "F32", "1", 0, 8) "}", 8, "needs 4 bytes"},
    {"{" ONE("a", "F32", "2", 0, 8) "}", 9, "belong to no array"},
    {"{" ONE("a", "F32", "2", 0, 8) "}", 7, "outside"},
    {"{" ONE("a", "F32", "2", 8, 0) "}", 8, "outside"},
    {"{" ONE("a", "U8", "4", 0, 4) "," ONE("b", "U8", "4", 3, 7) "}", 7, "overlaps"},
    {"{" ONE("a", "U8", "4", 0, 4) "," ONE("b", "U8", "4", 5, 9) "}", 9, "hole"},
    {"{" ONE("a", "U8", "4", 0, 4) "," ONE("a", "U8", "4", 4, 8) "}", 8, "twice"},
    {"{" ONE("", "U8", "4", 0, 4) "}", 4, "empty name"},
    {"{" ONE("a", "F32", "4611686018427387904", 0, 0) "}", 0, "declares"},
    {"{" ONE("a", "F32", "4294967296,4294967296,4294967296", 0, 0) "}", 0, "declares"},
    {"{" ONE("a", "F32", "99999999999999999999", 0, 0) "}", 0, "too large"},
    {"{" ONE("a", "F32", "9223372036854775808", 0, 0) "}", 0, "too large"},
    {"{" ONE("a", "U8", "1,1,1,1,1,1,1,1,1", 0, 1) "}", 1, "8 dimensions"},
    {"{" ONE("a", "U8", "-1", 0, 1) "}", 1, "not negative"},
    {"{" ONE("a", "U8", "01", 0, 1) "}", 1, "leading zero"},
    {"{" ONE("a", "U8", "1.0", 0, 1) "}", 1, "whole number"},
    {"{" ONE("a", "U8", "1,", 0, 1) "}", 1, "comma too many"},
    {"{" ONE("a", "U8", "1", 0, 1) ",}", 1, "comma too many"},
    {"{" ONE("\\ud83d", "U8", "1", 0, 1) "}", 1, "escape"},
    {"{" ONE("\\u0000", "U8", "1", 0, 1) "}", 1, "escape"},
    {"{" ONE("\\x", "U8", "1", 0, 1) "}", 1, "escape"},
    {"{" ONE("\xed\xa0\x80", "U8", "1", 0, 1) "}", 1, "UTF-8"},
    {"{" ONE("a\n", "U8", "1", 0, 1) "}", 1, "control"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "missing"},
    {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 1, "twice"},
    {"{\"a\":{\"color\":\"U8\"}}", 1, "unknown key"},
    {"{\"__metadata__\":{\"a\":1}}", 0, "expected '\"'"},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "twice"},
    {"{\"__metadata__\":{\"b\":\"1\",\"a\":\"1\",\"b\":\"2\"}}", 0, "__metadata__: b comes twice"},
    {"{\"__metadata__\":{\"a\":\"1\",}}", 0, "comma too many"},
    {"{\"__metadata__\":[]}", 0, "expected '{'"},
};

START_TEST(safetensors_headers)
{
    for (size_t i = 0; i < sizeof HEADERS / sizeof *HEADERS; i++) {
        wg_archive a;
        wg_status s = read_text(HEADERS[i].header, HEADERS[i].data, &a);
        ck_assert_msg(s == (HEADERS[i].says ? WG_EFORMAT : WG_OK), "%s: status %d: %s", HEADERS[i].header, (int)s, why);
        if (HEADERS[i].says) ck_why(at("t.safetensors").path, HEADERS[i].says);
        if (i == 3) ck_assert_str_eq(a.entry[0].name, "A\xf0\x9f\x98\x80/");
        wg_archive_free(&a);
    }
}
END_TEST

/* ---- IDX -------------------------------------------------------------------------------------------------------- */

/* Three elements of each type, the last the largest in magnitude that tells. */
static const struct {
    const char *bytes;
    size_t size;
    wg_dtype dtype;
    double value[3];
} IDX[] = {{"\0\0\x08\1\0\0\0\3\0\1\xff", 11, WG_U8, {0, 1, 255}},
           {"\0\0\x09\1\0\0\0\3\x7f\xff\x80", 11, WG_I32, {127, -1, -128}},
           {"\0\0\x0b\1\0\0\0\3\x7f\xff\xff\xff\x80\0", 14, WG_I32, {32767, -1, -32768}},
           {"\0\0\x0c\3\0\0\0\1\0\0\0\3\0\0\0\1\0\0\1\2\xff\xff\xff\xff\x80\0\0\0", 28, WG_I32, {258, -1, -2147483648.}},
           {"\0\0\x0d\1\0\0\0\3\x3f\xc0\0\0\xc0\0\0\0\x7f\x80\0\0", 20, WG_F32, {1.5, -2, HUGE_VAL}},
           {"\0\0\x0e\1\0\0\0\3\x3f\xf8\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0\x3f\xf0\0\0\0\0\0\1", 32, WG_F64, {1.5, -2, 1.0000000000000002}}};
enum { IDX_COUNT = sizeof IDX / sizeof *IDX };

START_TEST(idx_types)
{
    unsigned char packed[128];
    wg_array a;
    place p = at("a.idx");
    for (int i = 0; i < 2 * IDX_COUNT; i++) {
        int k = i / 2, members = i & 1;
        size_t n = IDX[k].size;
        if (members) { /* two members, which are joined */
            n = gzip(packed, IDX[k].bytes, 9);
            n += gzip(packed + n, IDX[k].bytes + 9, IDX[k].size - 9);
        }
        spew(p.path, members ? (const void *)packed : IDX[k].bytes, n);
        wg_status s = wg_idx_read(p.path, &a, why, sizeof why);
#if !WG_HAVE_ZLIB
        if (members) {
            ck_assert_int_eq(s, WG_EFORMAT);
            ck_why(p.path, "built without zlib");
            continue;
        }
#endif
        ck_assert_msg(!s, "%s", why);
        ck_assert_int_eq(a.dtype, IDX[k].dtype);
        ck_assert_int_eq(wg_shape_count(a.shape), 3);
        ck_assert_int_eq(a.shape.rank, k == 3 ? 3 : 1);
        for (int j = 0; j < 3; j++) ck_assert_double_eq(wg_array_at(&a, j), IDX[k].value[j]);
        wg_array_free(&a);
    }
}
END_TEST

START_TEST(fashion_mnist)
{
    static const char images[] = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz";
    static const char labels[] = "/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz";
    wg_array x, y;
    int count[256] = {0};
    if (access(images, R_OK) || !WG_HAVE_ZLIB) {
        puts("test_io: no Fashion-MNIST (dataset-fashion-mnist) or no zlib: passed over");
        return;
    }
    ck_assert_msg(!wg_idx_read(images, &x, why, sizeof why), "%s", why);
    ck_assert_msg(!wg_idx_read(labels, &y, why, sizeof why), "%s", why);
    ck_assert(wg_shape_equal(x.shape, SHAPE(3, 10000, 28, 28)));
    ck_assert(wg_shape_equal(y.shape, SHAPE(1, 10000)));
    for (int i = 0; i < 10000; i++) count[((uint8_t *)y.data)[i]]++;
    for (int i = 0; i < 10; i++) ck_assert_int_eq(count[i], 1000);
    wg_array_free(&x);
    wg_array_free(&y);
}
END_TEST

/* ---- the archive, CRC-32 -------------------------------------------------------------------------------------------- */

START_TEST(archive)
{
    wg_archive a = {0};
    wg_array x = filled(WG_F32, SHAPE(1, 3)), lent = wg_array_wrap(x.data, WG_F32, x.shape);
    ck_assert_int_eq(wg_archive_add(&a, "lent", &lent), WG_OK);
    ck_assert_int_eq(wg_archive_add(&a, "lent", &x), WG_EARG);
    ck_assert_int_eq(wg_archive_add(&a, "", &x), WG_EARG);
    ck_assert_int_eq(wg_archive_add(&a, NULL, &x), WG_EARG);
    ck_assert_int_eq(wg_archive_add(&a, "none", NULL), WG_EARG);
    ck_assert_ptr_nonnull(x.owner);
    for (int i = 0; i < 5000; i++) {
        char name[32];
        snprintf(name, sizeof name, "layer.%d", i);
        put(&a, name, WG_I32, SHAPE(1, i % 5));
    }
    for (int i = 4999; i >= 0; i--) {
        char name[32];
        snprintf(name, sizeof name, "layer.%d", i);
        ck_filled(wg_archive_find(&a, name), WG_I32, SHAPE(1, i % 5));
    }
    ck_assert_ptr_null(wg_archive_find(&a, "layer.5000"));
    wg_archive_free(&a);
    ck_assert_uint_eq(a.count, 0);
    ck_filled(&x, WG_F32, SHAPE(1, 3));
    wg_array_free(&x);
    wg_archive_free(NULL);
}
END_TEST

START_TEST(crc)
{
    wg_crc c;
    wg__crc_init(&c);
    ck_assert_uint_eq(wg__crc(&c, 0, "", 0), 0);
    ck_assert_uint_eq(wg__crc(&c, 0, "123456789", 9), 0xcbf43926); /* the check value of every catalogue of CRCs */
    ck_assert_uint_eq(wg__crc(&c, wg__crc(&c, 0, "12345", 5), "6789", 4), 0xcbf43926);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("io");
    TCase *c = tcase_create("formats");
    suite_add_tcase(s, c);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, npy_round_trip);
    tcase_add_test(c, npy_from_numpy);
    tcase_add_test(c, npy_and_npz_to_numpy);
    tcase_add_test(c, bf16_is_not_numpys);
    tcase_add_test(c, npz_round_trip);
    tcase_add_test(c, npz_from_numpy);
    tcase_add_test(c, safetensors_round_trip);
    tcase_add_test(c, safetensors_headers);
    tcase_add_test(c, idx_types);
    tcase_add_test(c, fashion_mnist);
    tcase_add_test(c, archive);
    tcase_add_test(c, crc);
    return run_in_directory(s) != 0;
}
