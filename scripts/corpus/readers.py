"""Reads images with GDAL, h5py, OpenCV and tifffile, as haloedge should: upright, and in the colours that they show."""

import contextlib
import importlib
import importlib.util
from typing import NamedTuple, Optional

import numpy as np
from osgeo import gdal

MOST_PIXELS = 200_000_000  # of an image that is compared
HEADS = {b"\x89HDF": "HDF5", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"II*\0": "TIFF", b"MM\0*": "TIFF",
         b"II+\0": "TIFF", b"MM\0+": "TIFF", b"GIF8": "GIF", b"BM": "BMP", b"\0\0\0\x0cjP  ": "JPEG 2000",
         b"\xff\x4f\xff\x51": "JPEG 2000", b"CDF": "NetCDF 3", b"RIFF": "WebP"}

gdal.UseExceptions()
gdal.PushErrorHandler("CPLQuietErrorHandler")
gdal.SetConfigOption("GDAL_ERROR_ON_LIBJPEG_WARNING", "TRUE")  # else, half a JPEG is an image

OPTIONAL = ("cv2", "h5py", "tifffile")
cv2, h5py, tifffile = (importlib.import_module(name) if importlib.util.find_spec(name) else None for name in OPTIONAL)


class Unreadable(Exception):
    """The image cannot be compared. `by_all`: other readers are not worth asking."""

    def __init__(self, reason, by_all=False):
        super().__init__(reason)
        self.by_all = by_all


class Item(NamedTuple):
    """An image: a file, or a dataset in an HDF5 file."""
    path: str
    dataset: str = ""

    def __str__(self):
        return f"{self.path}:{self.dataset}" if self.dataset else self.path


class Picture(NamedTuple):
    """What a reader makes of an image."""
    reader: str
    pixels: np.ndarray  # rows, columns, and 1 or 3 colours
    valid: Optional[np.ndarray] = None  # rows, columns: False where a pixel is no data; None: nowhere


def format_of(path):
    """Returns the name of the file's format, by its first bytes."""
    with open(path, "rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return "AVIF" if head[8:] == b"avif" else "HEIF"
    if h5py and h5py.is_hdf5(path):
        return "HDF5"
    return next((name for start, name in HEADS.items() if head.startswith(start)), "unknown")


def items_of(path):
    """Returns the images in a file: those datasets of an HDF5 file that can be nothing but images, else the file."""
    datasets = []

    def add(name, node):
        if isinstance(node, h5py.Dataset) and node.dtype.kind in "uif" and not node.dtype.metadata:
            if node.ndim == 2 or (node.ndim == 3 and node.shape[2] in (1, 3, 4)):
                datasets.append("/" + name)

    if h5py and h5py.is_hdf5(path):
        with contextlib.suppress(Exception), h5py.File(path, "r") as file:  # damaged files fail in many ways
            file.visititems(add)
    return [Item(path, name) for name in datasets] or [Item(path)]


def upright(array, orientation):
    """Returns an image that is stored turned. `orientation`: the number that TIFF and EXIF have for it."""
    array = array.swapaxes(0, 1) if orientation in (5, 6, 7, 8) else array
    array = array[::-1] if orientation in (3, 4, 7, 8) else array
    return array[:, ::-1] if orientation in (2, 3, 6, 7) else array


def orientation_of(dataset, item):
    """Returns how GDAL's pixels are turned. A georeferenced TIFF stays as it is stored."""
    exif = dataset.GetMetadataItem("EXIF_Orientation")
    place = dataset.GetGeoTransform(can_return_null=True) or dataset.GetGCPCount() or dataset.GetMetadata("RPC")
    if exif or place or not tifffile or format_of(item.path) != "TIFF":
        return int(exif or "1", 0)
    with contextlib.suppress(Exception), tifffile.TiffFile(item.path) as file:  # tifffile fails in many ways
        return file.pages[0].tags.valueof(274, 1)
    return 1


def shown(band, pixels):
    """Returns what a band's numbers show: they may be those of a palette, or have less than 8 bits."""
    table = band.GetColorTable()
    if table and band.GetColorInterpretation() == gdal.GCI_PaletteIndex and pixels.dtype == np.uint8:
        colours = np.zeros((256, 3), np.uint8)
        for index in range(min(table.GetCount(), 256)):
            colours[index] = table.GetColorEntry(index)[:3]
        return colours[pixels[..., 0]]
    if band.GetMetadataItem("PIXELTYPE", "IMAGE_STRUCTURE") == "SIGNEDBYTE":
        return pixels.view(np.int8)
    most = 2 ** int(band.GetMetadataItem("NBITS", "IMAGE_STRUCTURE") or 8) - 1
    return ((pixels * 255.0 + most // 2) // most).astype(np.uint8) if most < 255 else pixels


def read_gdal(item):
    try:
        dataset = gdal.OpenEx(item.path, gdal.OF_RASTER)
        width, height = dataset.RasterXSize, dataset.RasterYSize
        bands = [dataset.GetRasterBand(number + 1) for number in range(dataset.RasterCount)]
        colours = [band.GetColorInterpretation() for band in bands[:3]]
        # Three bands without names are colours, too.
        has_colours = colours == [gdal.GCI_RedBand, gdal.GCI_GreenBand, gdal.GCI_BlueBand] or len(bands) == 3
        bands = bands[:3 if has_colours else 1]
        if not bands or width * height > MOST_PIXELS:
            raise Unreadable(f"no image, or too large: {width} x {height}", by_all=bool(bands))
        pixels = np.dstack([band.ReadAsArray() for band in bands])
        masks = [band.GetMaskBand().ReadAsArray() != 0 for band in bands
                 if not band.GetMaskFlags() & (gdal.GMF_ALL_VALID | gdal.GMF_ALPHA)]
    except RuntimeError as error:
        raise Unreadable(str(error), by_all="not recognized" not in str(error)) from error
    if np.iscomplexobj(pixels):
        raise Unreadable("complex numbers have no edges", by_all=True)
    turn = orientation_of(dataset, item)
    valid = upright(np.any(masks, axis=0), turn) if len(masks) == len(bands) else None
    return Picture("GDAL", upright(shown(bands[0], pixels), turn), valid)


def read_h5py(item):
    try:
        with h5py.File(item.path, "r") as file:
            dataset = file[item.dataset]
            if dataset.size > MOST_PIXELS:
                raise Unreadable("too large")
            fill = dataset.attrs.get("_FillValue")
            pixels = np.atleast_3d(dataset[...])[..., :3]
    except Exception as error:  # damaged files make h5py fail in many ways
        raise Unreadable(str(error)) from error
    pixels = pixels.astype(pixels.dtype.newbyteorder("="))
    return Picture("h5py", pixels, None if fill is None else np.any(pixels != fill, axis=2))


def read_opencv(item):
    try:
        pixels = cv2.imread(item.path, cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR) if cv2 else None
    except cv2.error as error:
        raise Unreadable(str(error)) from error
    if pixels is None:
        raise Unreadable("not read")
    return Picture("OpenCV", np.atleast_3d(pixels)[..., ::-1])


def read_tifffile(item):
    """Reads the first page that is no preview."""
    if not tifffile or format_of(item.path) != "TIFF":
        raise Unreadable("not a TIFF")
    try:
        with tifffile.TiffFile(item.path) as file:
            page = next((page for page in file.pages if not page.is_reduced), file.pages[0])
            pixels, turn = page.asarray(), page.tags.valueof(274, 1)
    except Exception as error:  # tifffile fails in many ways
        raise Unreadable(str(error)) from error
    if page.photometric > 2:
        raise Unreadable("neither gray nor RGB")
    pixels = np.atleast_3d(np.moveaxis(pixels, 0, -1) if page.axes == "SYX" else pixels)
    return Picture("tifffile", upright(pixels[..., :3 if page.photometric == 2 else 1], turn))


def pictures_of(item, also_damaged=True):
    """Yields what each reader that reads the image makes of it. `also_damaged`: other readers than the first are asked
    even if that one knows the format, but finds the file damaged; some return black pixels then."""
    if item.dataset:
        able = [read_h5py]
    elif format_of(item.path) == "HDF5":
        able = []  # GDAL may read it with rows counted from below
    else:
        able = [read_gdal, read_opencv, read_tifffile]
    for read in able:
        try:
            yield read(item)
        except Unreadable as error:
            if error.by_all and not also_damaged:
                return
